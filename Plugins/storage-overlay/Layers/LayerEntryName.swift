import Glibc

/// What the name of a tar entry asks for, after every check that needs no file system.
///
/// The source of the whiteout names is the OCI image specification, "Image Layer Filesystem Changeset". Names are bytes:
/// a layer may hold names that are no valid UTF-8.
enum LayerEntryName: Equatable {
    /// The layer's own root directory.
    case root
    /// Something to create at this path, relative to the layer's root, without `.` or empty components.
    case entry([UInt8])
    /// `.wh.NAME`: NAME of the layers below is hidden.
    case whiteout([UInt8])
    /// `.wh..wh..opq`: everything the layers below hold in this directory is hidden (empty: in the root).
    case opaque([UInt8])
    /// What AUFS kept for itself (`.wh..wh.plnk` and the like): nothing to create.
    case metadata

    /// The longest path a layer may hold; Linux refuses longer ones.
    static let pathBytesMaximum = 4095
    /// How deep a layer may be. Each level costs a lookup for every path below it; no real image has fifty.
    static let depthMaximum = 256
    private static let slash = UInt8(ascii: "/")
    private static let prefix = Array(".wh.".utf8)
    private static let metadataPrefix = Array(".wh..wh.".utf8)

    /// Judges the name as the archive spells it. A leading `/` means the layer's root, as in every root file system.
    init(_ name: [UInt8]) throws(LayerRefusal) {
        let components = try Self.components(name)
        guard let last = components.last else {
            self = .root
            return
        }
        if components.contains(where: { $0.starts(with: Self.metadataPrefix) }) {
            guard last.elementsEqual(Array(".wh..wh..opq".utf8)) else {
                self = .metadata
                return
            }
            self = .opaque(try Self.joined(components.dropLast(), of: name))
        } else if last.starts(with: Self.prefix) {
            let hidden = last.dropFirst(Self.prefix.count)
            guard !hidden.isEmpty, !hidden.elementsEqual(".".utf8), !hidden.elementsEqual("..".utf8) else {
                throw LayerRefusal(.content, "the layer holds the whiteout '\(printable(name))', which hides no name")
            }
            self = .whiteout(try Self.joined(components.dropLast() + [hidden], of: name))
        } else {
            self = .entry(try Self.joined(components[...], of: name))
        }
    }

    /// The target of a hard link: a path inside the layer that is itself no whiteout.
    static func linkTarget(_ target: [UInt8], of name: [UInt8]) throws(LayerRefusal) -> [UInt8] {
        guard case .entry(let path) = try LayerEntryName(target) else {
            throw LayerRefusal(
                .content,
                "the hard link '\(printable(name))' leads to '\(printable(target))', which is no file of its layer")
        }
        return path
    }

    private static func components(_ name: [UInt8]) throws(LayerRefusal) -> [ArraySlice<UInt8>] {
        guard !name.isEmpty else { throw LayerRefusal(.content, "the layer holds an entry without a name") }
        guard name.count <= pathBytesMaximum else {
            throw LayerRefusal(
                .content, "the layer holds a path of \(name.count) bytes, more than \(pathBytesMaximum)")
        }
        let components = name.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
        guard !components.contains(where: { $0.elementsEqual("..".utf8) }) else {
            throw LayerRefusal(.content, "the layer holds the path '\(printable(name))', which climbs with '..'")
        }
        guard components.count <= depthMaximum else {
            throw LayerRefusal(.content, "the layer holds a path of more than \(depthMaximum) components")
        }
        return components
    }

    /// Only the last component of a path may be a whiteout: a file cannot lie in what is not there.
    private static func joined(
        _ components: ArraySlice<ArraySlice<UInt8>>, of name: [UInt8]
    ) throws(LayerRefusal) -> [UInt8] {
        guard !components.contains(where: { $0.starts(with: prefix) }) else {
            throw LayerRefusal(.content, "the layer holds the path '\(printable(name))', which lies in a whiteout")
        }
        return Array(components.joined(separator: [slash]))
    }
}

/// Why a layer is not unpacked.
struct LayerRefusal: Error, Equatable {
    /// What kind of reason it is: the word the unpacking process reports it under.
    enum Reason: String {
        /// The layer's content is wrong or hostile: it will never unpack.
        case content
        /// It is larger than a limit allows, or than the disk.
        case limit
        /// The system failed us.
        case system

        /// What a system call that failed makes of it: a full disk, or a quota, is a limit.
        static func system(_ number: Int32) -> Self { number == ENOSPC || number == EDQUOT ? .limit : .system }
    }

    var reason: Reason
    var message: String

    init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }
}

/// A hostile name made safe for one line of text: control characters are escaped, invalid UTF-8 is replaced.
func printable(_ name: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(name.prefix(512)), as: UTF8.self).unicodeScalars {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: text += scalar.escaped(asASCII: true)
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text
}
