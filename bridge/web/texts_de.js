export default {
  title: "Anzeigetafel", skip: "Zu den Agenten", tools: "Seite", systems: "Systeme", now: "Jetzt", alarms: "Alarme",
  sound: "Ton", settings: "Einstellungen", close: "Schließen",
  settingsHint: "Bleibt in diesem Browser. Ein leeres Feld gibt keinen Alarm.",
  theme_auto: "Farben: wie das System", theme_light: "Farben: hell", theme_dark: "Farben: dunkel",
  agents: "Agenten", queues: "Warteschlangen", campaigns: "Kampagnen", calls: "Laufende Anrufe",
  charts: "Anrufe je Stunde",
  order: "Reihenfolge", byUser: "nach Benutzer", byState: "nach Zustand", bySince: "längste zuerst",

  connecting: "verbindet …", live: "live", lost: "Verbindung verloren, neuer Versuch …",
  refused: "dieser Benutzer darf den Ereignisstrom nicht sehen: alle 5 s gelesen",
  unread: "der Zustand ist nicht lesbar: {why}",
  up: "da", down: "weg", database: "Datenbank", mqtt: "Broker", asterisk: "Asterisk {name}", relay: "Relais {name}",
  dialing: "Wählen",

  state_connecting: "meldet sich an", state_paused: "Pause", state_ready: "bereit", state_offered: "Anruf kommt",
  state_dialing: "wählt", state_incall: "im Gespräch", state_wrapup: "Nachbearbeitung",
  stage_dialling: "wählt", stage_ringing: "klingelt", stage_queue: "wartet", stage_talking: "spricht",
  stage_parked: "gehalten",

  tile_ready: "bereit", tile_incall: "im Gespräch", tile_wrapup: "Nachbearb.", tile_paused: "Pause",
  tile_live: "Anrufe", tile_waiting: "warten", tile_longest: "längste Wartezeit", tile_drops: "Abbrüche, höchste",

  queue: "Schlange", waiting: "Wartend", longest: "Längste", serving: "Frei / Agenten", live_calls: "Anrufe",
  campaign: "Kampagne", method: "Verfahren", level: "Stufe", lines: "Leitungen je Agent", hopper: "Vorrat",
  drops: "Abbrüche / Grenze", state: "Zustand", number: "Nummer", agent: "Agent", since: "Seit",
  more: "… und {count} weitere",
  no_agents: "Niemand ist angemeldet.", no_calls: "Keine Anrufe.", no_queues: "Keine Warteschlangen.",
  no_campaigns: "Keine aktiven Kampagnen.", no_charts: "Keine Anrufe in diesen Stunden.",
  denied: "Dieser Benutzer darf das nicht sehen.", unknown: "Noch nicht gelesen.",

  chart_out: "Ausgehend", chart_in: "Eingehend", chart_answered: "angenommen", chart_dropped: "abgebrochen",
  chart_missed: "nicht angenommen", hour: "Stunde", all: "Alle", calls_today: "{count} heute",
  percent: "{share} %", of_limit: "{share} / {limit} %",

  alarm_wait: "{name}: jemand wartet {time}", alarm_waiting: "{name}: {count} warten",
  alarm_drop: "{name}: Abbruchquote {share} % von {limit} %", alarm_pause: "{name}: Pause {time}",
  alarm_wrapup: "{name}: Nachbearbeitung {time}", alarm_talk: "{name}: im Gespräch {time}",
  alarm_system: "{name} ist weg",
  alarm_held: "Niemand wird angerufen: das Wählen ist angehalten", alarm_agents: "{count} Agenten", alarm_hopper: "{name}: {count} Leads im Vorrat",

  set_wait: "Jemand wartet länger als (Sekunden)", set_waiting: "Wartende in einer Schlange, mindestens",
  set_drop: "Abbruchquote, Anteil der Grenze (%)", set_pause: "Eine Pause länger als (Minuten)",
  set_wrapup: "Nachbearbeitung länger als (Minuten)", set_talk: "Ein Gespräch länger als (Minuten)",
  set_hopper: "Leads im Vorrat einer wählenden Kampagne, unter", set_whole: "Ganze Nummern der Kunden zeigen",
};
