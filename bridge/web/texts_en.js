export default {
  title: "Wallboard", skip: "To the agents", tools: "Page", systems: "Systems", now: "Now", alarms: "Alarms",
  sound: "Sound", settings: "Settings", close: "Close",
  ownPhone: "Your phone", superviseHint: "It rings; who answers it is in her room until it hangs up.",
  listen: "Listen", whisper: "Speak to her alone", barge: "Speak to all", logout: "Log her out",
  logoutSure: "Really log her out?", loggedOut: "She is logged out, or will be after her call.", gone: "not logged in any more",
  rings: "Phone {phone} rings.", asking: "…", notDone: "Not done: {why}", lostLine: "the bridge does not answer",
  phoneBad: "The login of your phone is needed: letters, digits, - or _.",
  settingsHint: "Kept in this browser. A field left empty raises no alarm.",
  theme_auto: "Colours: as the system", theme_light: "Colours: light", theme_dark: "Colours: dark",
  agents: "Agents", queues: "Queues", campaigns: "Campaigns", calls: "Calls in progress", charts: "Calls by hour",
  order: "Order", byUser: "by user", byState: "by state", bySince: "longest first",

  connecting: "connecting …", live: "live", lost: "connection lost, trying again …",
  refused: "this user may not see the event stream: read every 5 s", unread: "the state cannot be read: {why}",
  up: "up", down: "down", database: "store", mqtt: "broker", asterisk: "Asterisk {name}", relay: "relay {name}",
  dialing: "dialling",

  state_connecting: "logging in", state_paused: "paused", state_ready: "ready", state_offered: "call offered",
  state_dialing: "dialling", state_incall: "in call", state_wrapup: "wrap-up",
  stage_dialling: "dialling", stage_ringing: "ringing", stage_queue: "in queue", stage_talking: "talking",
  stage_parked: "on hold",

  tile_ready: "ready", tile_incall: "in call", tile_wrapup: "wrap-up", tile_paused: "paused",
  tile_live: "calls", tile_waiting: "waiting", tile_longest: "longest wait", tile_drops: "drop rate, worst",

  queue: "Queue", waiting: "Waiting", longest: "Longest", serving: "Free / agents", live_calls: "Calls",
  campaign: "Campaign", method: "Method", level: "Level", lines: "Lines per agent", hopper: "Hopper",
  drops: "Drops / limit", state: "State", number: "Number", agent: "Agent", since: "Since", more: "… and {count} more",
  no_agents: "Nobody is logged in.", no_calls: "No calls.", no_queues: "No queues.", no_campaigns: "No active campaigns.",
  no_charts: "No calls in these hours.", denied: "This user may not see that.", unknown: "Not read yet.",

  chart_out: "Calls out", chart_in: "Calls in", chart_answered: "answered", chart_dropped: "dropped",
  chart_missed: "not answered", hour: "Hour", all: "All", calls_today: "{count} today",
  percent: "{share} %", of_limit: "{share} / {limit} %",

  alarm_wait: "{name}: a caller waits {time}", alarm_waiting: "{name}: {count} wait",
  alarm_drop: "{name}: drop rate {share} % of {limit} %", alarm_pause: "{name}: paused {time}",
  alarm_wrapup: "{name}: wrap-up {time}", alarm_talk: "{name}: in call {time}", alarm_system: "{name} is down",
  alarm_held: "Nobody is called: dialling is held",
  alarm_agents: "{count} agents", alarm_hopper: "{name}: {count} leads in the hopper",

  set_wait: "A caller waits longer than (seconds)", set_waiting: "Callers waiting in a queue, at least",
  set_drop: "Drop rate, share of the limit (%)", set_pause: "A pause longer than (minutes)",
  set_wrapup: "Wrap-up longer than (minutes)", set_talk: "A call longer than (minutes)",
  set_hopper: "Leads in the hopper of a dialling campaign, below", set_whole: "Show whole numbers of customers",
};
