/// A tar archive written by hand, so that it can say what no well-behaved tool would write.
public struct TarArchive: Sendable {
    /// What an entry is.
    public enum Kind: Sendable {
        case file([UInt8])
        case directory
        case symbolicLink(String)
        case hardLink(String)
        case characterDevice(major: Int, minor: Int)
        case fifo
    }

    /// The archive so far, without its end.
    public private(set) var entries: [UInt8] = []

    public init() {}

    /// The whole archive.
    public var bytes: [UInt8] { entries + [UInt8](repeating: 0, count: 1024) }

    /// Adds an entry; names over 100 bytes go into an extended header. `extended` holds further records of that header.
    public mutating func add(
        _ name: String, _ kind: Kind = .file([]), mode: Int = 0o644, owner: Int = 0, group: Int = 0, modified: Int = 0,
        extended: [(String, [UInt8])] = []
    ) {
        var extended = extended
        if name.utf8.count > 100 { extended.append(("path", Array(name.utf8))) }
        if !extended.isEmpty {
            let records = extended.flatMap { Self.record($0.0, $0.1) }
            append(header("extended", type: "x", size: records.count), records)
        }
        switch kind {
        case .file(let content):
            append(header(name, type: "0", mode, owner, group, modified, size: content.count), content)
        case .directory: append(header(name, type: "5", mode, owner, group, modified), [])
        case .symbolicLink(let target): append(header(name, type: "2", mode, owner, group, modified, link: target), [])
        case .hardLink(let target): append(header(name, type: "1", mode, owner, group, modified, link: target), [])
        case .fifo: append(header(name, type: "6", mode, owner, group, modified), [])
        case .characterDevice(let major, let minor):
            append(header(name, type: "3", mode, owner, group, modified, device: (major, minor)), [])
        }
    }

    /// Adds a file of text.
    public mutating func add(_ name: String, _ text: String) { add(name, .file(Array(text.utf8))) }

    private mutating func append(_ header: [UInt8], _ content: [UInt8]) {
        entries += header
        entries += content
        entries += [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
    }

    /// A record of an extended header says its own length (pax, IEEE 1003.1).
    private static func record(_ key: String, _ value: [UInt8]) -> [UInt8] {
        let body = Array(" \(key)=".utf8) + value + [0x0a]
        var length = body.count + 1
        while "\(length)".utf8.count + body.count != length { length = "\(length)".utf8.count + body.count }
        return Array("\(length)".utf8) + body
    }

    private func header(
        _ name: String, type: Character, _ mode: Int = 0o644, _ owner: Int = 0, _ group: Int = 0, _ modified: Int = 0,
        size: Int = 0, link: String = "", device: (Int, Int) = (0, 0)
    ) -> [UInt8] {
        var block = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, limit: Int) {
            for (index, byte) in text.utf8.prefix(limit).enumerated() { block[offset + index] = byte }
        }
        func put(_ number: Int, at offset: Int, digits: Int) {
            let text = String(number, radix: 8)
            put(String(repeating: "0", count: max(0, digits - text.count)) + text, at: offset, limit: digits)
        }
        put(name, at: 0, limit: 100)
        put(mode, at: 100, digits: 7)
        put(owner, at: 108, digits: 7)
        put(group, at: 116, digits: 7)
        put(size, at: 124, digits: 11)
        put(modified, at: 136, digits: 11)
        put(String(type), at: 156, limit: 1)
        put(link, at: 157, limit: 100)
        put("ustar", at: 257, limit: 5)
        put("00", at: 263, limit: 2)
        put(device.0, at: 329, digits: 7)
        put(device.1, at: 337, digits: 7)
        for offset in 148..<156 { block[offset] = 0x20 }
        put(block.reduce(0) { $0 + Int($1) }, at: 148, digits: 6)
        block[154] = 0
        return block
    }
}
