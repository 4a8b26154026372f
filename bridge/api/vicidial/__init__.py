"""The VICIdial agent API's line format at `/agc/api.php`."""
