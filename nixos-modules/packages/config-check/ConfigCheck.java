import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Lets a server's own code read its configuration: `ConfigCheck kafka FILE`, `ConfigCheck zookeeper FILE ID`, with
 * the jars of the release on the class path. Ends with 1 and what the code says where it refuses the file.
 *
 * What a provider puts in the place of `${provider:path:key}` lies on the host alone. So a line with such a value is
 * left out, once it is known that the broker will ask the provider and has its class.
 */
public final class ConfigCheck {
    private static final String PROVIDERS = "config.providers";
    /** As Kafka's ConfigTransformer finds them. */
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([^}]*?):(([^}]*?):)?([^}]*?)\\}");

    public static void main(String[] arguments) throws Exception {
        String file = arguments[1];
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        try {
            if (arguments[0].equals("kafka")) {
                leaveOutReferences(properties);
                kafka(properties);
            } else {
                refuseReferences(properties);
                zookeeper(properties, arguments[2]);
            }
        } catch (InvocationTargetException refused) {
            refuse(file, refused.getCause().getMessage());
        } catch (Refused refused) {
            refuse(file, refused.getMessage());
        }
        // a class of the product may have left a thread behind
        System.exit(0);
    }

    private static void refuse(String file, String why) {
        System.err.println(new File(file).getName() + " is refused: " + why);
        System.exit(1);
    }

    private static void leaveOutReferences(Properties properties) throws Refused {
        List<String> names = Arrays.asList(properties.getProperty(PROVIDERS, "").split(","));
        for (String name : names) {
            String type = properties.getProperty(PROVIDERS + "." + name + ".class");
            if (type != null && !isThere(type.trim())) {
                throw new Refused(PROVIDERS + "." + name + ".class names " + type
                    + ", which is no provider in this release");
            }
        }
        for (String key : properties.stringPropertyNames()) {
            Matcher reference = REFERENCE.matcher(properties.getProperty(key));
            while (reference.find()) {
                String name = reference.group(1);
                if (!names.contains(name) || properties.getProperty(PROVIDERS + "." + name + ".class") == null) {
                    throw new Refused(key + " names the provider `" + name + "`, which " + PROVIDERS
                        + " does not declare with a class: the broker would take the text itself");
                }
            }
        }
        properties.stringPropertyNames().stream()
            .filter(key -> key.startsWith(PROVIDERS) || REFERENCE.matcher(properties.getProperty(key)).find())
            .forEach(properties::remove);
    }

    /** Whether Kafka could make a provider of the class. */
    private static boolean isThere(String type) {
        try {
            Class<?> provider = Class.forName("org.apache.kafka.common.config.provider.ConfigProvider");
            return provider.isAssignableFrom(Class.forName(type));
        } catch (ClassNotFoundException | LinkageError missing) {
            return false;
        }
    }

    private static void refuseReferences(Properties properties) throws Refused {
        for (String key : properties.stringPropertyNames()) {
            if (REFERENCE.matcher(properties.getProperty(key)).find()) {
                throw new Refused(key + " has a value for a provider, and ZooKeeper has none: it would take the text"
                    + " itself");
            }
        }
    }

    private static void kafka(Properties properties) throws Exception {
        Class.forName("kafka.server.KafkaConfig").getMethod("fromProps", Properties.class).invoke(null, properties);
    }

    /** Where the server will find its id and its data, there is nothing yet. */
    private static void zookeeper(Properties properties, String id) throws Exception {
        File folder = Files.createTempDirectory("zookeeper").toFile();
        File myid = new File(folder, "myid");
        // the last one first
        folder.deleteOnExit();
        myid.deleteOnExit();
        Files.write(myid.toPath(), Collections.singleton(id));
        properties.setProperty("dataDir", folder.getPath());
        properties.remove("dataLogDir");
        Class<?> config = Class.forName("org.apache.zookeeper.server.quorum.QuorumPeerConfig");
        config.getMethod("parseProperties", Properties.class).invoke(config.getConstructor().newInstance(), properties);
    }

    private static final class Refused extends Exception {
        Refused(String why) {
            super(why);
        }
    }
}
