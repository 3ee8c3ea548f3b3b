import java.io.File;
import java.io.FileInputStream;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.Properties;

/**
 * Lets a server's own code read its configuration: `ConfigCheck kafka FILE`, `ConfigCheck zookeeper FILE ID`, with
 * the jars of the release on the class path. Ends with 1 and what the code says where it refuses the file.
 */
public final class ConfigCheck {
    public static void main(String[] arguments) throws Exception {
        String file = arguments[1];
        Properties properties = new Properties();
        try (InputStream in = new FileInputStream(file)) {
            properties.load(in);
        }
        try {
            if (arguments[0].equals("kafka")) {
                kafka(properties);
            } else {
                zookeeper(properties, arguments[2]);
            }
        } catch (InvocationTargetException refused) {
            System.err.println(new File(file).getName() + " is refused: " + refused.getCause().getMessage());
            System.exit(1);
        }
        // a class of the product may have left a thread behind
        System.exit(0);
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
}
