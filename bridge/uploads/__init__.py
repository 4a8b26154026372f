"""Files of leads that come over HTTP: sent in parts, looked at, taken in while all else goes on."""
