import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;

/**
 * Says of each line of standard input whether the Kafka on the classpath takes it: `KafkaReader FILE ID`. A line is
 * `broker` or `topic` and keys and values, with a tab before each; FILE is what a broker reads without them. An answer
 * is a line, too: `-`, or what the code says that refuses the value.
 *
 * A broker is asked for what it reads when it starts and needs no cluster for: the configuration, every value that it
 * is made of, those of the listener PLAINTEXT, the defaults of topics, and the parts that are made of it alone. A part
 * that this version does not have is passed over; the first line of the answer names those that it has.
 */
public class KafkaReader {
    private static final String LISTENER = "listener.name.plaintext.";
    /** What reads the configuration in some version and takes nothing else. */
    private static final String[][] PARTS = {
        {"kafka.server.KafkaServer$", "copyKafkaConfigToLog"}, {"kafka.server.KafkaServer$", "metricConfig"},
        {"kafka.server.Server$", "buildMetricsConfig"}, {"kafka.log.LogCleaner$", "cleanerConfig"},
        {"kafka.log.LogConfig$", "extractLogConfigMap"},
    };

    private final Properties base = new Properties();
    /** Methods that tell nothing of the base, either. */
    private final Set<String> endsAnyway = new TreeSet<>();
    private boolean readsBase = true;
    private final TreeSet<String> asked = new TreeSet<>();

    public static void main(String[] arguments) throws Exception {
        PrintStream output = System.out;
        System.setOut(System.err);
        KafkaReader reader = new KafkaReader();
        try (InputStream in = new FileInputStream(arguments[0])) {
            reader.base.load(in);
        }
        for (String first : List.of(reader.broker(new Properties()), reader.topic(new Properties()))) {
            if (!first.equals("-")) {
                throw new IllegalStateException("the base is refused: " + first);
            }
        }
        reader.readsBase = false;
        output.println(String.join(" ", reader.asked));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            Properties change = new Properties();
            for (int at = 1; at < words.length; at += 2) {
                change.setProperty(words[at], words[at + 1]);
            }
            String said = words[0].equals("topic") ? reader.topic(change) : reader.broker(change);
            output.println(said.replace('\n', ' ').replace('\r', ' '));
        }
        output.flush();
        // a part may have left a thread behind
        System.exit(0);
    }

    private String broker(Properties change) {
        try {
            Object config = config(change);
            everyValue(config, "");
            config.getClass().getMethod("valuesWithPrefixOverride", String.class).invoke(config, LISTENER);
            everyValue(defaultsOfTopics(config), "");
            for (String[] part : PARTS) {
                askPart(part[0], part[1], config);
            }
            connections(config);
            if (readsBase || change.stringPropertyNames().stream().anyMatch(key -> key.contains("quota"))) {
                quotas(config);
            }
            return "-";
        } catch (InvocationTargetException refused) {
            return say(refused.getCause());
        } catch (ReflectiveOperationException | RuntimeException unable) {
            throw new IllegalStateException("the reader does not know this version", unable);
        }
    }

    private static String say(Throwable refused) {
        String message = refused.getMessage();
        return refused.getClass().getSimpleName() + ": " + (message == null ? "" : message);
    }

    private Object config(Properties change) throws ReflectiveOperationException {
        Properties all = new Properties();
        all.putAll(base);
        all.putAll(change);
        return Class.forName("kafka.server.KafkaConfig").getMethod("fromProps", Properties.class).invoke(null, all);
    }

    /** Calls every method without arguments that only tells something, and those of configurations within. */
    private void everyValue(Object config, String path) throws InvocationTargetException, IllegalAccessException {
        for (Method method : new TreeMap<>(tellers(config.getClass())).values()) {
            String name = path + method.getName();
            try {
                Object value = method.invoke(config);
                boolean within = value != null && path.isEmpty() && value.getClass().getSimpleName().endsWith("Config");
                if (within && !value.getClass().getSimpleName().startsWith("Dynamic")) {
                    everyValue(value, name + ".");
                }
            } catch (InvocationTargetException ended) {
                if (!readsBase && !endsAnyway.contains(name)) {
                    throw ended;
                }
                endsAnyway.add(name);
            }
        }
    }

    private static Map<String, Method> tellers(Class<?> type) {
        Map<String, Method> found = new HashMap<>();
        for (Method method : type.getMethods()) {
            boolean tells = method.getParameterCount() == 0 && method.getReturnType() != void.class
                && !Modifier.isStatic(method.getModifiers()) && !method.getName().contains("$")
                && method.getDeclaringClass() != Object.class;
            // an iterator or a copy is no value of the configuration
            if (tells && !Arrays.asList("clone", "copy", "productIterator", "hashCode").contains(method.getName())) {
                found.put(method.getName(), method);
            }
        }
        return found;
    }

    /** What LogManager makes of the configuration: the values that a topic has without its own. */
    private Object defaultsOfTopics(Object config) throws ReflectiveOperationException {
        Map<?, ?> values = logValues(config);
        Class<?> type = logConfig();
        Object module = type.getName().endsWith("$") ? type.getField("MODULE$").get(null) : null;
        for (Method method : type.getMethods()) {
            boolean ofValues = method.getParameterCount() == 1 && method.getParameterTypes()[0] == Map.class;
            if (ofValues && method.getName().equals("validateValues")) {
                asked.add("validateValues");
                method.invoke(module, values);
            }
            if (method.getName().equals("validateBrokerLogConfigValues")) {
                asked.add("validateBrokerLogConfigValues");
                Object remote = tell(tell(config, "remoteLogManagerConfig"), "enableRemoteStorageSystem",
                    "isRemoteStorageSystemEnabled");
                method.invoke(module, values, remote);
            }
        }
        asked.add("LogConfig");
        return module == null
            ? type.getConstructor(Map.class).newInstance(values)
            : type.getMethod("apply", Map.class, Class.forName("scala.collection.immutable.Set"))
                .invoke(module, values, type.getMethod("apply$default$2").invoke(module));
    }

    private static Object tell(Object of, String... names) throws ReflectiveOperationException {
        for (String name : names) {
            try {
                return of.getClass().getMethod(name).invoke(of);
            } catch (NoSuchMethodException otherName) {
                // of another version
            }
        }
        throw new NoSuchMethodException(String.join(", ", names));
    }

    private static Map<?, ?> logValues(Object config) throws ReflectiveOperationException {
        try {
            return (Map<?, ?>) config.getClass().getMethod("extractLogConfigMap").invoke(config);
        } catch (NoSuchMethodException older) {
            for (String[] holder : PARTS) {
                Object found = call(holder[0], holder[1], config);
                if (found instanceof Map) {
                    return (Map<?, ?>) found;
                }
            }
            throw older;
        }
    }

    private static Class<?> logConfig() throws ClassNotFoundException {
        try {
            return Class.forName("org.apache.kafka.storage.internals.log.LogConfig");
        } catch (ClassNotFoundException older) {
            return Class.forName("kafka.log.LogConfig$");
        }
    }

    private void askPart(String type, String name, Object config) throws ReflectiveOperationException {
        Object found = call(type, name, config);
        if (found != null) {
            asked.add(name);
        }
    }

    /** Null where the version has no such part. */
    private static Object call(String type, String name, Object config) throws ReflectiveOperationException {
        try {
            Class<?> module = Class.forName(type);
            Method method = module.getMethod(name, config.getClass());
            return method.invoke(module.getField("MODULE$").get(null), config);
        } catch (ClassNotFoundException | NoSuchMethodException | NoSuchFieldException absent) {
            return null;
        }
    }

    /** The limits of connections, whose overrides name hosts. */
    private void connections(Object config) throws ReflectiveOperationException {
        try (Metrics metrics = new Metrics()) {
            Constructor<?> made = Class.forName("kafka.network.ConnectionQuotas")
                .getConstructor(config.getClass(), Time.class, Metrics.class);
            made.newInstance(config, Time.SYSTEM, metrics);
            asked.add("ConnectionQuotas");
        }
    }

    /** Its threads end with this program: some versions wait for ever for their end. */
    private void quotas(Object config) throws ReflectiveOperationException {
        Class.forName("kafka.server.QuotaFactory")
            .getMethod("instantiate", config.getClass(), Metrics.class, Time.class, String.class)
            .invoke(null, config, new Metrics(), Time.SYSTEM, "");
        asked.add("QuotaFactory");
    }

    /** What a broker of the base says of a topic that is to be created with these settings. */
    private String topic(Properties change) {
        try {
            Object config = config(new Properties());
            Class<?> type = logConfig();
            Object module = type.getName().endsWith("$") ? type.getField("MODULE$").get(null) : null;
            validate(type, module, change, config);
            Method made = type.getMethod("fromProps", Map.class, Properties.class);
            everyValue(made.invoke(module, logValues(config), change), "topic.");
            return "-";
        } catch (InvocationTargetException refused) {
            return say(refused.getCause());
        } catch (ReflectiveOperationException unable) {
            throw new IllegalStateException("the reader does not know this version", unable);
        }
    }

    /** As KafkaZkClient's AdminZkClient and ZkConfigRepository call it. */
    private void validate(Class<?> type, Object module, Properties change, Object config)
        throws ReflectiveOperationException {
        for (Method method : type.getMethods()) {
            Class<?>[] takes = method.getParameterTypes();
            if (!method.getName().equals("validate") || takes.length < 3 || takes.length > 5) {
                continue;
            }
            Object remote = tell(tell(config, "remoteLogManagerConfig"), "enableRemoteStorageSystem",
                "isRemoteStorageSystemEnabled");
            if (takes.length == 5) {
                method.invoke(module, new HashMap<String, String>(), change, logValues(config), remote, true);
            } else if (takes.length == 3) {
                method.invoke(module, change, logValues(config), remote);
            } else {
                throw new NoSuchMethodException(method.toString());
            }
            return;
        }
        type.getMethod("validate", Properties.class).invoke(module, change);
    }
}
