import CLinux
import Glibc

/// The destination as it is found: a link at its end is followed, as far as it leads.
struct DestinationPath {
    private(set) var path: NamedPath
    private(set) var found: Placement.Found

    init(_ named: NamedPath, _ lookup: PathLookup) throws(CopyRefusal) {
        (path, found) = (named, .missing)
        for _ in 0..<40 {
            let object = lookup.open(path.path, clinux_O_PATH | (path.isDirectory ? 0 : O_NOFOLLOW))
            guard object >= 0 else {
                switch errno {
                case ENOENT: return
                case ENOTDIR: throw CopyRefusal(.notDirectory, printable(path.parent))
                default: throw CopyRefusal("open", path.path)
                }
            }
            defer { close(object) }
            var status = stat()
            guard fstat(object, &status) == 0 else { throw CopyRefusal("look at", path.path) }
            guard status.st_mode & S_IFMT == S_IFLNK else {
                found = status.isDirectory ? .directory : .other
                return
            }
            try follow(object)
        }
        throw CopyRefusal("open", path.path, errno: ELOOP)
    }

    private mutating func follow(_ link: Int32) throws(CopyRefusal) {
        var target = [UInt8](repeating: 0, count: PathNames.bytesMaximum + 1)
        let count = target.withUnsafeMutableBytes { bytes in
            bytes.baseAddress.map { readlinkat(link, "", $0.assumingMemoryBound(to: CChar.self), bytes.count) } ?? -1
        }
        guard count > 0 else { throw CopyRefusal("read the link", path.path) }
        let text = Array(target[..<count])
        let whole = text.first == PathNames.slash ? text : path.parent + [PathNames.slash] + text
        path = NamedPath(whole)
    }
}
