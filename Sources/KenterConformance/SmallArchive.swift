/// Layers for storage providers: tar archives (POSIX ustar) of a few small entries.
enum SmallArchive {
    enum Entry {
        case file(String, String)
        case directory(String)
        case symbolicLink(String, to: String)
    }

    /// One file `hello`, and one in a directory.
    static let plain = archive([.file("hello", "hi\n"), .directory("etc/"), .file("etc/name", "layer\n")])

    static func archive(_ entries: [Entry]) -> [UInt8] {
        var bytes: [UInt8] = []
        for entry in entries {
            switch entry {
            case .file(let name, let text):
                bytes += header(name, kind: "0", size: text.utf8.count, mode: 0o644)
                bytes += Array(text.utf8)
                bytes += [UInt8](repeating: 0, count: (512 - text.utf8.count % 512) % 512)
            case .directory(let name): bytes += header(name, kind: "5", size: 0, mode: 0o755)
            case .symbolicLink(let name, let target):
                bytes += header(name, kind: "2", size: 0, mode: 0o777, target: target)
            }
        }
        return bytes + [UInt8](repeating: 0, count: 1_024)
    }

    private static func header(_ name: String, kind: String, size: Int, mode: Int, target: String = "") -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        func octal(_ number: Int, _ digits: Int) -> String {
            let text = String(number, radix: 8)
            return String(repeating: "0", count: digits - text.count) + text
        }
        put(name, at: 0)
        put(octal(mode, 7), at: 100)
        put(octal(0, 7), at: 108)
        put(octal(0, 7), at: 116)
        put(octal(size, 11), at: 124)
        put(octal(0, 11), at: 136)
        put("        ", at: 148)
        put(kind, at: 156)
        put(target, at: 157)
        put("ustar\u{0}00", at: 257)
        let sum = block.reduce(0) { $0 + Int($1) }
        put("\(octal(sum, 6))\u{0} ", at: 148)
        return block
    }
}

extension Bench {
    /// Writes a layer beside the state directory and says how to apply it.
    func layer(_ bytes: [UInt8], _ name: String = "layer.tar") throws(CheckEnd) -> LayerFile {
        let path = path(name)
        Files.write(bytes, to: path)
        guard let digits = Tool.run(["sha256sum", path])?.prefix(64) else {
            throw .skipped("needs sha256sum, of coreutils")
        }
        return LayerFile(digest: "sha256:\(digits)", path: path)
    }
}

struct LayerFile {
    var digest: String
    var path: String
}
