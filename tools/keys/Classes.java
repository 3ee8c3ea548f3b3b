import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/**
 * Prints, as JSON, which of the products' own classes on the classpath a setting could name: "types", those of the
 * types given as arguments that are there, and "classes", each public class that can be made and is one of them, with
 * all that it is.
 *
 * The heads of the class files are read and no class is loaded: there are thousands.
 */
public class Classes {
    private static final List<String> PACKAGES = List.of("kafka/", "org/apache/kafka/", "org/apache/zookeeper/");
    private static final int PUBLIC = 0x1;
    /** Interfaces among them. */
    private static final int ABSTRACT = 0x400;

    /** Class → what it extends and implements itself. */
    private static final Map<String, List<String>> ABOVE = new HashMap<>();
    private static final Set<String> USABLE = new TreeSet<>();

    public static void main(String[] wanted) throws Exception {
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (path.endsWith(".jar")) {
                readJar(path);
            }
        }
        Set<String> types = new TreeSet<>();
        for (String type : wanted) {
            if (ABOVE.containsKey(type) || isOfJdk(type)) {
                types.add(type);
            }
        }
        Map<String, Set<String>> classes = new TreeMap<>();
        for (String name : USABLE) {
            Set<String> is = new TreeSet<>();
            collect(name, new HashSet<>(), is);
            is.retainAll(types);
            if (!is.isEmpty()) {
                classes.put(name, is);
            }
        }
        List<String> members = new ArrayList<>();
        classes.forEach((name, is) -> members.add("\"" + name + "\": {\"is\": " + array(is) + "}"));
        System.out.println("{\"types\": " + array(types) + ", \"classes\": {" + String.join(", ", members) + "}}");
    }

    private static void readJar(String path) throws IOException {
        try (JarFile jar = new JarFile(path)) {
            for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements();) {
                JarEntry entry = entries.nextElement();
                boolean own = PACKAGES.stream().anyMatch(entry.getName()::startsWith);
                if (own && entry.getName().endsWith(".class")) {
                    try (DataInputStream in = new DataInputStream(jar.getInputStream(entry))) {
                        readHead(in);
                    }
                }
            }
        }
    }

    private static void readHead(DataInputStream in) throws IOException {
        in.skipBytes(8);
        Object[] pool = new Object[in.readUnsignedShort()];
        for (int at = 1; at < pool.length; at++) {
            at += readConstant(in, pool, at);
        }
        int access = in.readUnsignedShort();
        String name = name(pool, in.readUnsignedShort());
        List<String> above = new ArrayList<>();
        above.add(name(pool, in.readUnsignedShort()));
        for (int left = in.readUnsignedShort(); left > 0; left--) {
            above.add(name(pool, in.readUnsignedShort()));
        }
        ABOVE.put(name, above);
        if ((access & PUBLIC) != 0 && (access & ABSTRACT) == 0 && !name.contains("$")) {
            USABLE.add(name);
        }
    }

    /** Keeps a text, or the index of a class's name; a long or a double takes a second place, which is returned. */
    private static int readConstant(DataInputStream in, Object[] pool, int at) throws IOException {
        switch (in.readUnsignedByte()) {
            case 1:
                pool[at] = in.readUTF();
                return 0;
            case 5: case 6:
                in.skipBytes(8);
                return 1;
            case 7:
                pool[at] = in.readUnsignedShort();
                return 0;
            case 8: case 16: case 19: case 20:
                in.skipBytes(2);
                return 0;
            case 15:
                in.skipBytes(3);
                return 0;
            default:
                in.skipBytes(4);
                return 0;
        }
    }

    private static String name(Object[] pool, int at) {
        // The index is 0 for what is above java.lang.Object, and of a module.
        return at == 0 || pool[at] == null ? "" : ((String) pool[(Integer) pool[at]]).replace('/', '.');
    }

    private static void collect(String name, Set<String> seen, Set<String> is) {
        for (String above : ABOVE.getOrDefault(name, List.of())) {
            if (seen.add(above)) {
                is.add(above);
                collect(above, seen, is);
            }
        }
    }

    private static boolean isOfJdk(String type) {
        try {
            return Class.forName(type, false, ClassLoader.getPlatformClassLoader()) != null;
        } catch (ClassNotFoundException absent) {
            return false;
        }
    }

    private static String array(Set<String> texts) {
        return texts.isEmpty() ? "[]" : "[\"" + String.join("\", \"", texts) + "\"]";
    }
}
