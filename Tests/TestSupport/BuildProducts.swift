import CLinux
import Glibc

/// Where the executables under test lie, and the sources they were built from.
public enum BuildProducts {
    /// The directory of the running test executable: SwiftPM puts every product of one build into it.
    public static let directory: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let path = String(decoding: buffer[..<max(0, count)].map(UInt8.init(bitPattern:)), as: UTF8.self)
        return directoryOfFile(path)
    }()

    /// The absolute path of an executable: where `make install` would put it, else where it was built.
    public static func executable(_ name: String) -> String {
        let place = places.first { $0.value.contains(name) }?.key
        return place.map { "\(installed)/\($0)/\(name)" } ?? "\(directory)/\(name)"
    }

    private static let places = [
        "bin": ["kenter", "kenterd"], "libexec/kenter": ["kenter-runtime", "kenter-yaml", "kenter-copy"],
        "libexec/kenter/plugins": ["network-routed", "storage-overlay", "link-legacy"],
    ]

    /// What was built, laid out as `make install` does: the engine finds its plugins relative to itself.
    private static let installed: String = {
        let prefix = "\(directory)/installed-for-tests"
        for place in ["", "/bin", "/libexec", "/libexec/kenter", "/libexec/kenter/plugins"] {
            mkdir(prefix + place, 0o755)
        }
        for (place, names) in places {
            for name in names {
                unlink("\(prefix)/\(place)/\(name)")
                link("\(directory)/\(name)", "\(prefix)/\(place)/\(name)")
            }
        }
        return prefix
    }()

    /// The directory of Package.swift.
    public static let checkout = directoryOfFile(directoryOfFile(directoryOfFile(#filePath)))

    /// The absolute path of a file or directory below Tests/Fixtures.
    public static func fixture(_ path: String) -> String { "\(checkout)/Tests/Fixtures/\(path)" }

    private static func directoryOfFile(_ path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return String(path[..<slash])
    }
}
