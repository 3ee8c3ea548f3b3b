# Configuration of logback: everything from INFO to the journal.
{ lib }:
let
  journal = import ./journal.nix;
  # logback has no FATAL and would read it as DEBUG
  known = [
    "ERROR"
    "WARN"
    "INFO"
    "DEBUG"
    "TRACE"
  ];
  refuse = level: ''
    <filter class="ch.qos.logback.classic.filter.LevelFilter">
      <level>${level}</level><onMatch>DENY</onMatch><onMismatch>NEUTRAL</onMismatch>
    </filter>
  '';
  appender =
    {
      name,
      priority,
      levels,
    }:
    ''
      <appender name="${name}" class="ch.qos.logback.core.ConsoleAppender">
      ${lib.concatMapStrings refuse (lib.subtractLists levels known)}
        <encoder><pattern>${lib.escapeXML priority}%level [%thread] %logger{0}: %msg%n</pattern></encoder>
      </appender>
    '';
in
''
  <configuration>
  ${lib.concatMapStrings appender journal}
    <root level="INFO">
      ${lib.concatMapStrings (level: ''<appender-ref ref="${level.name}"/>'') journal}
    </root>
  </configuration>
''
