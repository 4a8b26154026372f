"""The agent bridge: HTTP above, Asterisk (AMI and AGI) below, events out."""
