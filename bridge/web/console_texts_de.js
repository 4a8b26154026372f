export default {
  title: "Konsole", skip: "Zum Kunden", login: "Anmelden", user: "Benutzer", password: "Kennwort", leavePage: "Seite verlassen",
  linkUsed: "Dieser Link wurde schon benutzt oder ist zu alt. Melden Sie sich mit Kennwort an oder lassen Sie sich einen neuen geben.",
  ended: "Sie sind abgemeldet. Was Sie getippt haben, ist noch da: Melden Sie sich an, um weiterzumachen.",
  connecting: "verbindet …", live: "live", lost: "Verbindung verloren – neuer Versuch, Getipptes bleibt",
  refused: "nicht angemeldet", failed: "Die Bridge antwortet {status}.", unsent: "Die Bridge ist nicht erreichbar: Das wurde nicht getan. Was Sie getippt haben, ist noch da.",

  seat: "Schicht beginnen", campaign: "Kampagne", phone: "Telefon", noPhone: "Sie haben kein Telefon: Wer die Bridge betreut, gibt Ihnen eins.", noCampaign: "Es gibt keine Kampagne, für die Sie arbeiten dürfen.",
  onHook: "Mein Telefon bei jedem Anruf läuten lassen",
  begin: "Beginnen", loginFailed: "Ihr Telefon hat nicht abgehoben. Beginnen Sie noch einmal.", phoneFailed: "Ihr Telefon hat nicht abgehoben.",
  answerPhone: "heben Sie Ihr Telefon ab", ready: "Bereit", pause: "Pause", pauseOther: "Anderer Grund", pauseAfter: "Danach Pause",
  pauseCode: "Grund der Pause", noCode: "ohne Grund", logout: "Schicht beenden",
  thenPaused: "Pause nach diesem Anruf", thenOut: "Schichtende nach diesem Anruf",

  call: "Anruf", hangup: "Auflegen", park: "Halten", grab: "Zurückholen", record: "Aufnehmen", recordStop: "Aufnahme beenden", parties: "Weitere Teilnehmer",
  kind_M: "von Hand", kind_V: "gewählt", kind_Y: "eingehend", kind_DC: "Wählplan", kind_TW: "Dritter", kind_XB: "verbunden",
  kind_J: "verbunden", kind_CX: "verlassen", kind_CL: "Klick",
  transfer: "Weiterer Teilnehmer, verbinden", preset: "Vorgabe", none: "–", number: "Nummer", inGroup: "Gruppe", invite: "Dazuholen",
  invitePark: "Halten und dazuholen", pass: "Kunden verbinden", depart: "Allein lassen", swap: "Halten tauschen",
  hangupThird: "Auflegen", whom: "Wen? Wählen Sie eine Vorgabe oder Gruppe, oder tippen Sie eine Nummer.",

  preview: "Vor dem Anruf", preview_dial: "Wählen", preview_dial_alt: "Andere Nummer wählen", preview_dial_address3: "Dritte Nummer wählen",
  preview_skip: "Überspringen", preview_finish: "Weglegen", dial: "Wählen", keys: "Tasten", pad: "Tasten", search: "Kunden dieser Nummer suchen",
  lookFirst: "Vor dem Wählen ansehen", nextLead: "Nächster Kunde", dialPaused: "Wählen können Sie in der Pause.",
  dialQueued: "Der Anruf wartet, bis Sie frei sind.", dialDropped: "Ein wartender Anruf findet nicht statt: {why}",

  customer: "Kunde", no_customer: "Kein Kunde.", save: "Speichern", undo: "Zurücknehmen", saved: "Gespeichert.", unsaved: "Noch nicht gespeichert: {count}",
  fieldsChanged: "Neu: {names}", newValue: "Jetzt", takeIt: "Übernehmen", leftOver: "Nicht gespeichert", dismiss: "Weglegen",
  clockThere: "Uhr des Kunden: {time}", clockUnknown: "Die Uhr des Kunden ist nicht bekannt: Es gilt die Zeit auf Ihrer.",
  field_title: "Anrede", field_first_name: "Vorname", field_middle_initial: "Zweitname", field_last_name: "Nachname",
  field_address1: "Anschrift", field_address2: "Anschrift 2", field_address3: "Anschrift 3", field_postal_code: "Postleitzahl", field_city: "Ort",
  field_state: "Bundesstaat", field_province: "Provinz", field_country_code: "Land", field_alt_phone: "Andere Nummer", field_email: "E-Mail",
  field_date_of_birth: "Geboren", field_gender: "Geschlecht", field_vendor_lead_code: "Kundennummer", field_security_phrase: "Kennwort des Kunden",
  field_comments: "Notizen",

  done: "Wie ging der Anruf aus?", doneHint: "Drücken Sie die Taste. Aus einem Feld: zuerst F9 oder Escape.", callbackAt: "Datum und Zeit auf der Uhr des Kunden",
  callbackComments: "Weswegen", callbackMine: "Nur ich rufe an", callbackSave: "Speichern", back: "Zurück", noTime: "Wann? Datum und Zeit fehlen.",

  told: "Nachrichten", no_told: "Keine.", confetti: "Gut gemacht!", timeUp: "Die Zeit dieses Anrufs ist um.", callbackDue: "Ein Rückruf von Ihnen ist fällig.",
  script: "Leitfaden", webForm: "Formular", formLink: "In neuem Tab öffnen",
  calls: "Meine Anrufe heute", no_calls: "Noch keine.", at: "Um", kind: "Art", status: "Status", talk: "Gespräch",
  callbacks: "Meine Rückrufe", no_callbacks: "Keine.",

  mute: "Stumm", unmute: "Wieder sprechen", phone_connecting: "Telefon: verbindet …", phone_registered: "Telefon: bereit", phone_ringing: "Telefon: läutet",
  phone_talking: "Telefon: verbunden", phone_lost: "Telefon: Verbindung verloren, neuer Versuch …", phone_refused: "Telefon: abgelehnt",
};
