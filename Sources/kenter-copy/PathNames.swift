/// Names as bytes: those of a container need be no UTF-8.
enum PathNames {
    static let slash = UInt8(ascii: "/")
    /// Linux takes no longer ones.
    static let bytesMaximum = 4095
    /// Each level costs a descriptor while it is read; no real tree has a hundred.
    static let depthMaximum = 256

    /// The components of an archive's entry, without `.` and empty ones; none for the archive's root.
    ///
    /// A leading `/` means the root of the archive. Whatever climbs is refused, where it would lead to or not.
    static func components(_ name: [UInt8]) throws(CopyRefusal) -> [[UInt8]] {
        guard !name.isEmpty else { throw CopyRefusal(.invalid, "the archive holds an entry without a name") }
        guard name.count <= bytesMaximum else {
            throw CopyRefusal(.invalid, "the archive holds a path of \(name.count) bytes, more than \(bytesMaximum)")
        }
        let components = name.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }.map { Array($0) }
        guard !components.contains(Array("..".utf8)) else {
            throw CopyRefusal(.invalid, "the archive holds the path '\(printable(name))', which climbs with '..'")
        }
        guard components.count <= depthMaximum else {
            throw CopyRefusal(.invalid, "the archive holds a path of more than \(depthMaximum) components")
        }
        return components
    }

    static func joined(_ components: some Collection<[UInt8]>) -> [UInt8] {
        components.isEmpty ? Array(".".utf8) : Array(components.joined(separator: [slash]))
    }

    static func cString(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }
}

/// What a path of a command line asks for besides the file it names.
struct NamedPath: Equatable {
    /// Without what follows the last name.
    var path: [UInt8]
    /// Whether it ends with `/` or `/.`, and so must be a directory.
    var isDirectory: Bool
    /// Whether it ends with `/.`, and so stands for what the directory holds.
    var isContents: Bool

    init(_ text: String) { self.init(Array(text.utf8)) }

    init(_ bytes: [UInt8]) {
        var path = bytes
        let (slash, dot) = (PathNames.slash, UInt8(ascii: "."))
        (isDirectory, isContents) = (false, false)
        while path.count > 1 {
            if path.last == slash {
                isDirectory = true
            } else if path.suffix(2) == [slash, dot] {
                (isDirectory, isContents) = (true, true)
            } else {
                break
            }
            path.removeLast()
        }
        self.path = path.isEmpty ? [slash] : path
        // These have no name of their own, so only what they hold can be meant.
        if [[slash], [dot], [dot, dot]].contains(self.path) || path.suffix(3) == [slash, dot, dot] {
            (isDirectory, isContents) = (true, true)
        }
    }

    /// The last name.
    var name: [UInt8] {
        guard let end = path.lastIndex(of: PathNames.slash) else { return path }
        return Array(path[(end + 1)...])
    }

    /// What the last name lies in.
    var parent: [UInt8] {
        guard let end = path.lastIndex(of: PathNames.slash) else { return Array(".".utf8) }
        return end == 0 ? [PathNames.slash] : Array(path[..<end])
    }
}
