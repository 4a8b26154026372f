// Who she is: by her password, or by the link in the address, which is taken out of it at once.

import { $, act } from "./console_base.js";
import { send } from "./console_line.js";

const KEPT = "agent-bridge-console";
const LINK = /^#link=([A-Za-z0-9_.~-]{1,400})$/;

/** The link in the address, once; empty: there is none. */
export function linkOf() {
  const found = LINK.exec(location.hash);
  if (location.hash) history.replaceState(null, "", location.pathname + location.search);
  return found ? found[1] : "";
}

/** Whether this browser may have a session: then the bridge is asked, and else it need not refuse. */
export function expected() {
  try {
    return localStorage.getItem(KEPT) !== null;
  } catch {
    return true; // the browser keeps nothing, but may have the cookie
  }
}

/** Remember that there is one, or that there is none any more. */
export function expect(whether) {
  try {
    if (whether) localStorage.setItem(KEPT, "1");
    else localStorage.removeItem(KEPT);
  } catch {
    // it is asked each time, then
  }
}

/** Log in with a link. */
export const byLink = (link) => send("POST", "/v1/console/login", { link });

/** The form; `entered` is called with what the bridge says of her. */
export function furnish(entered) {
  $("login-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    await act($("login-form").querySelector("button"), async () => {
      const wish = { user: $("login-user").value.trim(), password: $("login-password").value };
      const me = await send("POST", "/v1/console/login", wish).catch((error) => {
        $("login-password").select();
        throw Object.assign(error, { status: error.status === 401 ? 400 : error.status });
      });
      $("login-password").value = "";
      entered(me);
    });
  });
}
