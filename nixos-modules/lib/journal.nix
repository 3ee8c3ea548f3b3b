# Log levels as the journal counts them: a line that begins with `<4>` has priority 4, so that
# `journalctl -p warning` shows warnings. The journal has the time already.
[
  {
    name = "problems";
    priority = "<3>";
    levels = [
      "FATAL"
      "ERROR"
    ];
  }
  {
    name = "warnings";
    priority = "<4>";
    levels = [ "WARN" ];
  }
  {
    name = "notes";
    priority = "<6>";
    levels = [
      "INFO"
      "DEBUG"
      "TRACE"
    ];
  }
]
