import java.io.PrintStream;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.apache.kafka.common.config.ConfigDef;

/**
 * Prints, as JSON, the broker's and the topics' configuration keys of the Kafka on the classpath.
 *
 * The definitions moved from Scala objects to Java classes over the years and were never public, so
 * they are found by their type. Nothing here knows a version.
 */
public class KafkaKeys {
    private static final String[] BROKER = {
        "kafka.server.KafkaConfig$", "kafka.server.KafkaConfig",
        "org.apache.kafka.server.config.AbstractKafkaConfig",
    };
    private static final String[] TOPIC = {
        "kafka.log.LogConfig$", "org.apache.kafka.storage.internals.log.LogConfig",
    };

    /** As `[1,...,9] or -1`. */
    private static final Pattern RANGE_OR_ONE = Pattern.compile("\\[(-?\\d+),\\.\\.\\.,(-?\\d+)\\] or (-?\\d+)");
    private static final Pattern RELEASES = Pattern.compile("\\[0\\.8\\.0(, \\d[-.\\w]*)+\\]");

    public static void main(String[] args) throws Exception {
        // Where the classpath brings a logger, it writes to standard output.
        PrintStream output = System.out;
        System.setOut(System.err);
        Map<?, ?> updates = updateModes();
        Map<String, String> broker = new TreeMap<>();
        for (ConfigDef.ConfigKey key : definition("log.dirs", BROKER).configKeys().values()) {
            Object update = updates.get(key.name);
            broker.put(key.name, describe(key).text("update", update == null ? "read-only" : update).toString());
        }
        ConfigDef topics = definition("cleanup.policy", TOPIC);
        Map<String, String> topic = new TreeMap<>();
        for (ConfigDef.ConfigKey key : topics.configKeys().values()) {
            topic.put(key.name, describe(key).text("broker", brokerKey(topics, key)).toString());
        }
        output.println("{\"broker\": " + object(broker) + ", \"topic\": " + object(topic) + "}");
    }

    /** A class may hold several definitions (LogConfig has the broker's share, too): the key tells. */
    private static ConfigDef definition(String containing, String[] holders) throws Exception {
        for (String holder : holders) {
            for (Object found : membersOf(holder, ConfigDef.class)) {
                if (((ConfigDef) found).configKeys().containsKey(containing)) {
                    return (ConfigDef) found;
                }
            }
        }
        throw new IllegalStateException("no ConfigDef with " + containing + " in " + String.join(", ", holders));
    }

    /** Values of all static fields, or of a Scala object's fields, whose type is the wanted one. */
    private static List<Object> membersOf(String holder, Class<?> wanted) throws Exception {
        List<Object> found = new ArrayList<>();
        Class<?> type;
        try {
            type = Class.forName(holder);
        } catch (ClassNotFoundException absent) {
            return found;
        }
        Object module = holder.endsWith("$") ? open(type.getField("MODULE$")).get(null) : null;
        for (Field field : type.getDeclaredFields()) {
            boolean reachable = module != null || Modifier.isStatic(field.getModifiers());
            if (reachable && wanted.isAssignableFrom(field.getType())) {
                found.add(open(field).get(module));
            }
        }
        return found;
    }

    /** Kafka's own documentation prints the same map. */
    private static Map<?, ?> updateModes() throws Exception {
        Class<?> type = Class.forName("kafka.server.DynamicBrokerConfig$");
        Method modes = open(type.getDeclaredMethod("dynamicConfigUpdateModes"));
        return (Map<?, ?>) modes.invoke(open(type.getField("MODULE$")).get(null));
    }

    /** The broker's key that a topic without the key falls back to. */
    private static String brokerKey(ConfigDef topics, ConfigDef.ConfigKey key) throws Exception {
        for (Class<?> type = topics.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Method method : type.getDeclaredMethods()) {
                if (method.getName().equals("getConfigValue") && method.getParameterCount() == 2) {
                    Object value = open(method).invoke(topics, key, "Server Default Property");
                    return value == null || value.equals("None") ? null : value.toString();
                }
            }
        }
        throw new IllegalStateException("a ConfigDef without getConfigValue");
    }

    private static Json describe(ConfigDef.ConfigKey key) throws Exception {
        Json json = new Json().text("type", key.type.name().toLowerCase(java.util.Locale.ROOT));
        if (key.hasDefault()) {
            json.textOrNull("default", defaultOf(key));
        }
        if (key.validator != null) {
            constrain(json, key.validator);
        }
        return key.internalConfig ? json.raw("internal", "true") : json;
    }

    private static String defaultOf(ConfigDef.ConfigKey key) {
        if (key.defaultValue instanceof org.apache.kafka.common.config.types.Password) {
            return ((org.apache.kafka.common.config.types.Password) key.defaultValue).value();
        }
        return ConfigDef.convertToString(key.defaultValue, key.type);
    }

    private static void constrain(Json json, ConfigDef.Validator validator) throws Exception {
        switch (validator.getClass().getSimpleName()) {
            case "Range":
                json.number("min", member(validator, "min")).number("max", member(validator, "max"));
                break;
            case "ValidString":
            case "CaseInsensitiveValidString":
                json.texts("values", (Iterable<?>) member(validator, "validStrings"));
                if (validator.getClass().getSimpleName().startsWith("Case")) {
                    json.raw("anyCase", "true");
                }
                break;
            case "ValidList":
                constrain(json, (ConfigDef.Validator) member(validator, "validString"));
                break;
            case "NonEmptyString":
            case "NonEmptyStringWithoutControlChars":
                json.raw("nonEmpty", "true");
                break;
            case "CompositeValidator":
                for (Object part : (Iterable<?>) member(validator, "validators")) {
                    constrain(json, (ConfigDef.Validator) part);
                }
                break;
            default:
                describe(json, validator.toString());
        }
    }

    /** What a validator of the product's own says of itself; some of it is a list of values. */
    private static void describe(Json json, String valid) {
        Matcher range = RANGE_OR_ONE.matcher(valid);
        if (range.matches()) {
            List<Object> values = new ArrayList<>(List.of(range.group(3)));
            IntStream.rangeClosed(Integer.parseInt(range.group(1)), Integer.parseInt(range.group(2)))
                .forEach(values::add);
            json.texts("values", values);
        } else if (RELEASES.matcher(valid).matches()) {
            json.texts("releases", Arrays.asList(valid.substring(1, valid.length() - 1).split(", ")));
        } else if (!valid.contains("@")) {
            // A lambda without a description prints an address, which is no fact.
            json.text("valid", valid);
        }
    }

    private static Object member(Object owner, String name) throws Exception {
        return open(owner.getClass().getDeclaredField(name)).get(owner);
    }

    private static <T extends AccessibleObject> T open(T member) {
        member.setAccessible(true);
        return member;
    }

    private static String object(Map<String, String> members) {
        Json json = new Json();
        members.forEach(json::raw);
        return json.toString();
    }

    /** A JSON object under construction; a null is left out unless it is meant. */
    private static class Json {
        private final StringBuilder out = new StringBuilder();

        Json raw(String name, String value) {
            out.append(out.length() == 0 ? "" : ", ").append(quote(name)).append(": ").append(value);
            return this;
        }

        Json text(String name, Object value) {
            return value == null ? this : raw(name, quote(value.toString()));
        }

        Json textOrNull(String name, String value) {
            return raw(name, value == null ? "null" : quote(value));
        }

        Json number(String name, Object value) {
            if (value == null) {
                return this;
            }
            double fraction = ((Number) value).doubleValue();
            boolean whole = !(value instanceof Double) || fraction == Math.rint(fraction);
            return whole ? raw(name, Long.toString(((Number) value).longValue())) : text(name, value);
        }

        Json texts(String name, Iterable<?> values) {
            List<String> quoted = new ArrayList<>();
            values.forEach(value -> quoted.add(quote(String.valueOf(value))));
            return raw(name, "[" + String.join(", ", quoted) + "]");
        }

        private static String quote(String text) {
            StringBuilder quoted = new StringBuilder("\"");
            for (char c : text.toCharArray()) {
                if (c == '"' || c == '\\') {
                    quoted.append('\\').append(c);
                } else if (c < ' ' || c > '~') {
                    quoted.append(String.format("\\u%04x", (int) c));
                } else {
                    quoted.append(c);
                }
            }
            return quoted.append('"').toString();
        }

        @Override
        public String toString() {
            return "{" + out + "}";
        }
    }
}
