# Configuration of log4j 1 (and reload4j, its heir): everything from INFO to the journal.
{ lib }:
loggers:
let
  properties = import ./properties.nix;
  levels = import ./journal.nix;
  appender =
    level:
    let
      key = "log4j.appender.${level.name}";
    in
    {
      ${key} = "org.apache.log4j.ConsoleAppender";
      "${key}.layout" = "org.apache.log4j.PatternLayout";
      "${key}.layout.ConversionPattern" = "${level.priority}%p [%t] %c{1}: %m%n";
      "${key}.filter.level" = "org.apache.log4j.varia.LevelRangeFilter";
      "${key}.filter.level.LevelMin" = lib.last level.levels;
      "${key}.filter.level.LevelMax" = lib.head level.levels;
    };
in
properties.render (
  lib.foldl' (all: level: all // appender level) {
    "log4j.rootLogger" = [ "INFO" ] ++ map (level: level.name) levels;
  } levels
  // lib.mapAttrs' (logger: lib.nameValuePair "log4j.logger.${logger}") loggers
)
