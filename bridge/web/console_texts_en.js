export default {
  title: "Console", skip: "To the customer", login: "Log in", user: "User", password: "Password", leavePage: "Leave this page",
  linkUsed: "This link was used before, or is too old. Log in with your password, or ask for a new link.",
  ended: "You are logged out. What you have typed is still here: log in to go on.",
  connecting: "connecting …", live: "live", lost: "connection lost – trying again, what you type stays",
  refused: "not logged in", failed: "The bridge has answered {status}.", unsent: "The bridge cannot be reached: that was not done. What you have typed is still here.",

  seat: "Begin your shift", campaign: "Campaign", phone: "Phone", noPhone: "You have no phone: whoever keeps the bridge gives you one.", noCampaign: "There is no campaign that you may work for.",
  onHook: "Ring my phone for each call",
  begin: "Begin", loginFailed: "Your phone did not answer. Begin again.", phoneFailed: "Your phone did not answer.",
  answerPhone: "answer your phone", ready: "Ready", pause: "Pause", pauseOther: "Other reason", pauseAfter: "Pause after this",
  pauseCode: "Reason of the pause", noCode: "no reason", logout: "End the shift",
  thenPaused: "pause after this call", thenOut: "end of the shift after this call",

  call: "Call", hangup: "Hang up", park: "Hold", grab: "Take back", record: "Record", recordStop: "Stop recording", parties: "Third parties",
  kind_M: "by hand", kind_V: "dialled", kind_Y: "inbound", kind_DC: "dialplan", kind_TW: "third party", kind_XB: "passed on",
  kind_J: "passed on", kind_CX: "left", kind_CL: "click",
  transfer: "Third party, transfer", preset: "Preset", none: "–", number: "Number", inGroup: "In-group", invite: "Call them in",
  invitePark: "Hold, and call them in", pass: "Pass the customer on", depart: "Leave them alone", swap: "Swap who holds",
  hangupThird: "Hang up", whom: "Whom? Choose a preset or an in-group, or type a number.",

  preview: "Before the call", preview_dial: "Dial", preview_dial_alt: "Dial the other number", preview_dial_address3: "Dial the third number",
  preview_skip: "Skip", preview_finish: "Put away", dial: "Dial", keys: "Keys", pad: "Keys", search: "Look for the customer of this number",
  lookFirst: "Look before it is dialled", nextLead: "Next customer", dialPaused: "You can dial while you pause.",
  dialQueued: "The call waits until you are free.", dialDropped: "A call that was waiting is not made: {why}",

  customer: "Customer", no_customer: "No customer.", save: "Save", undo: "Take back", saved: "Saved.", unsaved: "Not saved yet: {count}",
  fieldsChanged: "New: {names}", newValue: "Now", takeIt: "Take it", leftOver: "Not saved", dismiss: "Put away",
  clockThere: "The customer's clock: {time}", clockUnknown: "The customer's clock is not known: it is the time on yours.",
  field_title: "Title", field_first_name: "First name", field_middle_initial: "Middle", field_last_name: "Last name",
  field_address1: "Address", field_address2: "Address 2", field_address3: "Address 3", field_postal_code: "Postal code", field_city: "City",
  field_state: "State", field_province: "Province", field_country_code: "Country", field_alt_phone: "Other number", field_email: "E-mail",
  field_date_of_birth: "Born", field_gender: "Gender", field_vendor_lead_code: "Customer code", field_security_phrase: "Security phrase",
  field_comments: "Notes",

  done: "How did the call go?", doneHint: "Press its key. From a field: F9 or Escape first.", callbackAt: "Date and time on the customer's clock",
  callbackComments: "What for", callbackMine: "Only I call", callbackSave: "Save", back: "Back", noTime: "Say when: date and time.",

  told: "Messages", no_told: "None.", confetti: "Well done!", timeUp: "The time of this call is up.", callbackDue: "A callback of yours is due.",
  script: "Script", webForm: "Form", formLink: "Open in a new tab",
  calls: "My calls of today", no_calls: "None yet.", at: "At", kind: "Kind", status: "Status", talk: "Talk",
  callbacks: "My callbacks", no_callbacks: "None.",

  mute: "Mute", unmute: "Speak again", phone_connecting: "phone: connecting …", phone_registered: "phone: ready", phone_ringing: "phone: rings",
  phone_talking: "phone: connected", phone_lost: "phone: connection lost, trying again …", phone_refused: "phone: refused",
};
