// The reports that there are, what each is asked, and how its answer becomes rows.

const flat = (row) => [row];

/** The campaign stands behind the agent, if each is told apart. */
const ofAgent = ({ agent, campaign, ...row }) => [campaign ? { agent, campaign, ...row } : { agent, ...row }];

/** One row for each status of an entry, as its CSV has them. */
function byStatus({ statuses, name, since }) {
  const of = since === undefined ? { name } : { name, since };
  return Object.entries(statuses).map(([status, calls]) => ({ ...of, status, calls }));
}

function byHour({ name, hours }) {
  return hours.flatMap(({ since, statuses }) => byStatus({ name, since, statuses }));
}

function byLeads({ statuses, ...row }) {
  const found = Object.entries(statuses);
  if (!found.length) return [{ ...row, status: "", status_leads: 0 }];
  return found.map(([status, count]) => ({ ...row, status, status_leads: count }));
}

function withAgents({ agents, ...row }) {
  return [{ ...row, ...Object.fromEntries(Object.entries(agents).map(([head, count]) => [`agents_${head}`, count])) }];
}

/** `fields` are those of the form, `most` days at once; 0: it is of now. */
export const KINDS = {
  agents: { path: "/v1/reports/agents", fields: ["campaign", "agent", "by_campaign"], most: 31, rows: ofAgent },
  pauses: { path: "/v1/reports/pauses", fields: ["campaign", "agent"], most: 31, rows: flat },
  dispositions: { path: "/v1/reports/dispositions", fields: ["by", "name", "agent"], most: 31, rows: byStatus },
  statuses: { path: "/v1/reports/statuses", fields: ["by", "name"], most: 2, rows: byHour },
  campaigns: { path: "/v1/reports/campaigns", fields: ["name"], most: 0, rows: withAgents },
  lists: { path: "/v1/reports/lists", fields: ["campaign"], most: 0, rows: byLeads },
};

/** Columns in whole seconds. */
export const TIMES = new Set([
  "login", "pause", "wait", "talk", "wrapup", "average_talk", "average_wait", "average_pause", "average_session",
]);

/** Columns that stand for themselves, and make no sum. */
export const NO_SUM = new Set(["list_id", "dial_level", "max_dial_level", "drop_percent", "drop_limit", "leads", "dialable"]);

export const SPANS = ["today", "yesterday", "week", "month", "times"];

/** From and to of a span, by this computer's midnights. */
export function spanOf(name, now) {
  const day = (back) => new Date(now.getFullYear(), now.getMonth(), now.getDate() - back);
  if (name === "today") return [day(0), day(-1)];
  if (name === "yesterday") return [day(1), day(0)];
  if (name === "week") return [day(6), day(-1)];
  return [new Date(now.getFullYear(), now.getMonth(), 1), day(-1)];
}
