import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.apache.zookeeper.server.quorum.QuorumPeerConfig;

/**
 * Says of each line of standard input whether the ZooKeeper on the classpath takes it: `ZooKeeperReader FILE ID`. A
 * line is `zookeeper` and keys and values, with a tab before each; FILE is what the server with this id reads without
 * them. An answer is a line, too: `-`, or what the code says that refuses the value.
 *
 * The reader of zoo.cfg makes system properties of the keys that it does not know. Classes read these once, when they
 * are loaded: so for each line those of ZooKeeper that name its keys are loaded anew.
 */
public class ZooKeeperReader {
    private static final String CONFIG = "org.apache.zookeeper.server.quorum.QuorumPeerConfig";

    private final Properties base = new Properties();
    private final File data = Files.createTempDirectory("zookeeper").toFile();
    private final URL[] jar;
    /** The classes of servers, with what their files hold. */
    private final Map<String, String> classes = new TreeMap<>();
    private final ClassLoader libraries;

    private ZooKeeperReader() throws Exception {
        URL own = QuorumPeerConfig.class.getProtectionDomain().getCodeSource().getLocation();
        jar = new URL[] {own};
        List<URL> others = new ArrayList<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            URL other = new File(path).toURI().toURL();
            if (!other.equals(own)) {
                others.add(other);
            }
        }
        libraries = new URLClassLoader(others.toArray(new URL[0]), ClassLoader.getPlatformClassLoader());
        try (JarFile file = new JarFile(new File(own.toURI()))) {
            for (Enumeration<JarEntry> entries = file.entries(); entries.hasMoreElements();) {
                JarEntry entry = entries.nextElement();
                String name = entry.getName();
                if (name.startsWith("org/apache/zookeeper/") && name.endsWith(".class") && !name.contains("/cli/")) {
                    byte[] bytes = file.getInputStream(entry).readAllBytes();
                    String type = name.substring(0, name.length() - ".class".length()).replace('/', '.');
                    classes.put(type, new String(bytes, StandardCharsets.ISO_8859_1));
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream output = System.out;
        System.setOut(System.err);
        ZooKeeperReader reader = new ZooKeeperReader();
        try (InputStream in = new FileInputStream(arguments[0])) {
            reader.base.load(in);
        }
        Files.write(new File(reader.data, "myid").toPath(), Collections.singleton(arguments[1]));
        // Where the server will find its data, there is nothing yet.
        reader.base.setProperty("dataDir", reader.data.getPath());
        reader.base.remove("dataLogDir");
        String first = reader.said(new Properties());
        if (!first.equals("-")) {
            throw new IllegalStateException("the base is refused: " + first);
        }
        output.println("parseProperties, " + reader.classes.size() + " classes");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split("\t", -1);
            Properties change = new Properties();
            for (int at = 1; at < words.length; at += 2) {
                change.setProperty(words[at], words[at + 1]);
            }
            output.println(reader.said(change).replace('\n', ' ').replace('\r', ' '));
        }
        output.flush();
        new File(reader.data, "myid").delete();
        reader.data.delete();
        System.exit(0);
    }

    private String said(Properties change) throws IOException {
        Properties before = (Properties) System.getProperties().clone();
        Properties all = new Properties();
        all.putAll(base);
        all.putAll(change);
        try (URLClassLoader loader = new URLClassLoader(jar, libraries)) {
            Class<?> type = Class.forName(CONFIG, true, loader);
            type.getMethod("parseProperties", Properties.class).invoke(type.getConstructor().newInstance(), all);
            for (String key : change.stringPropertyNames()) {
                load(key, loader);
            }
            return "-";
        } catch (InvocationTargetException refused) {
            return say(refused.getCause());
        } catch (ExceptionInInitializerError refused) {
            return say(refused.getCause());
        } catch (ReflectiveOperationException unable) {
            throw new IllegalStateException("the reader does not know this version", unable);
        } finally {
            System.setProperties(before);
        }
    }

    private void load(String key, ClassLoader loader) throws ReflectiveOperationException {
        for (Map.Entry<String, String> type : classes.entrySet()) {
            if (type.getValue().contains(constant(key)) || type.getValue().contains(constant("zookeeper." + key))) {
                try {
                    Class.forName(type.getKey(), true, loader);
                } catch (NoClassDefFoundError optional) {
                    // a library that only some servers have
                }
            }
        }
    }

    /** A text as it stands in the file of a class. */
    private static String constant(String text) {
        return "\1\0" + (char) text.length() + text;
    }

    private static String say(Throwable refused) {
        String message = refused.getMessage();
        return refused.getClass().getSimpleName() + ": " + (message == null ? "" : message);
    }
}
