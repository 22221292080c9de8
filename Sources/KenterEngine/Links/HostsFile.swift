package import JSONRPC
package import KenterProtocol
import Netlink

/// The text of a container's `/etc/hosts`.
package enum HostsFile {
    private static let loopback = LinkHostsEntry(address: "127.0.0.1", names: ["localhost"])
    private static let loopback6 = [
        LinkHostsEntry(address: "::1", names: ["localhost", "ip6-localhost", "ip6-loopback"]),
        LinkHostsEntry(address: "fe00::", names: ["ip6-localnet"]),
        LinkHostsEntry(address: "ff00::", names: ["ip6-mcastprefix"]),
        LinkHostsEntry(address: "ff02::1", names: ["ip6-allnodes"]),
        LinkHostsEntry(address: "ff02::2", names: ["ip6-allrouters"]),
    ]

    /// The file of a container that starts.
    ///
    /// - Parameters:
    ///   - hasIPv6: Whether the container has IPv6 at all.
    ///   - extra: What `--add-host` gave, in order.
    ///   - links: The lines of its links, in order.
    ///   - own: Its own addresses with its hostname.
    package static func build(
        hasIPv6: Bool, extra: [LinkHostsEntry] = [], links: [LinkHostsEntry] = [], own: [LinkHostsEntry] = []
    ) -> [UInt8] {
        lines([loopback] + (hasIPv6 ? loopback6 : []) + extra + links + own)
    }

    /// Entries as text, a line each.
    static func lines(_ entries: [LinkHostsEntry]) -> [UInt8] { entries.flatMap { line($0) + [newline] } }

    /// The lines of a container for itself: its hostname, and the first label of one with several.
    package static func ownEntries(_ addresses: ContainerAddresses, hostname: String) -> [LinkHostsEntry] {
        var names = [hostname]
        if let dot = hostname.firstIndex(of: "."), dot > hostname.startIndex { names.append(String(hostname[..<dot])) }
        return [addresses.ipv4, addresses.ipv6].compactMap { address in
            address.map { LinkHostsEntry(address: $0, names: names) }
        }
    }

    /// What one link had in the file, and what it is to have.
    package struct Change: Sendable, Equatable {
        package var old: [LinkHostsEntry]
        package var new: [LinkHostsEntry]

        package init(old: [LinkHostsEntry], new: [LinkHostsEntry]) {
            self.old = old
            self.new = new
        }
    }

    /// The file with the links' own lines changed, and no other line.
    ///
    /// A link's own line is an address followed by exactly the names planned for it, with blanks in whatever number
    /// between; it is replaced where it stands, for each address family on its own. Where it is not there (any more), the
    /// new one is added at the end, unless it stands there already: a change may be made again after a crash.
    package static func update(_ text: [UInt8], _ changes: [Change]) -> [UInt8] {
        var lines = text.split(separator: newline, omittingEmptySubsequences: false)
        // After a last newline there is an empty piece: no line.
        let endsWithNewline = lines.last?.isEmpty ?? true
        if endsWithNewline && !lines.isEmpty { lines.removeLast() }
        var replaced: [Int: ArraySlice<UInt8>] = [:]
        var removed: Set<Int> = []
        var added: [ArraySlice<UInt8>] = []
        var places = Places(of: changes, in: lines)
        for change in changes {
            for (old, new) in pairs(change) where old != new {
                guard let index = places.take(old) else {
                    if let new, !places.have(new) { added.append(line(new)[...]) }
                    continue
                }
                if let new { replaced[index] = line(new)[...] } else { removed.insert(index) }
            }
        }
        guard !replaced.isEmpty || !removed.isEmpty || !added.isEmpty else { return text }
        let kept = lines.indices.filter { !removed.contains($0) }.map { replaced[$0] ?? lines[$0] }
        var result = Array((kept + added).joined(separator: [newline]))
        if !(kept + added).isEmpty && (endsWithNewline || !added.isEmpty) { result.append(newline) }
        return result
    }

    /// Where the lines of changes stand, found in one pass: the file is the container's, and may have any number of lines,
    /// and there may be any number of links.
    private struct Places {
        /// Lines by their fields, the first one last.
        private var places: [[[UInt8]]: [Int]] = [:]

        init(of changes: [Change], in lines: [ArraySlice<UInt8>]) {
            var addresses: Set<ArraySlice<UInt8>> = []
            for entry in changes.lazy.flatMap({ $0.old + $0.new }) {
                addresses.insert(Array(entry.address.utf8)[...])
                places[fields(entry)] = []
            }
            for index in lines.indices.reversed() {
                let start = lines[index].drop(while: isBlank)
                guard addresses.contains(start.prefix { !isBlank($0) }) else { continue }
                places[fields(start)]?.append(index)
            }
        }

        /// The first line of an entry; the next one is the first then.
        mutating func take(_ entry: LinkHostsEntry?) -> Int? { entry.flatMap { places[fields($0)]?.popLast() } }

        func have(_ entry: LinkHostsEntry) -> Bool { places[fields(entry)]?.isEmpty == false }
    }

    /// Old and new entries of one family each; entries beyond the first of a family by their place.
    private static func pairs(_ change: Change) -> [(LinkHostsEntry?, LinkHostsEntry?)] {
        [false, true].flatMap { isIPv6 -> [(LinkHostsEntry?, LinkHostsEntry?)] in
            let old = change.old.filter { $0.address.contains(":") == isIPv6 }
            let new = change.new.filter { $0.address.contains(":") == isIPv6 }
            return (0..<max(old.count, new.count)).map { index in
                (old.indices.contains(index) ? old[index] : nil, new.indices.contains(index) ? new[index] : nil)
            }
        }
    }

    /// What `--add-host` gave as a line: `NAME:ADDRESS`, also `NAME:host-gateway`.
    ///
    /// - Parameter gateway: The container's way out; `nil` where only the form is to be checked, or where there is none:
    ///   then there is no line for `host-gateway`.
    ///
    /// Fails with `invalidParams` and Docker's texts.
    package static func extraEntry(_ text: String, gateway: String? = nil) throws(RPCError) -> LinkHostsEntry? {
        guard let colon = text.firstIndex(of: ":"), HostName.isValid(text[..<colon]) else {
            throw RPCError(.invalidParams, "bad format for add-host: \(LinkAlias.quoted(text))")
        }
        let name = String(text[..<colon])
        let given = String(text[text.index(after: colon)...])
        if given == "host-gateway" { return gateway.map { LinkHostsEntry(address: $0, names: [name]) } }
        guard let address = IPAddress(given) else {
            throw RPCError(.invalidParams, "invalid IP address in add-host: \(LinkAlias.quoted(given))")
        }
        return LinkHostsEntry(address: address.description, names: [name])
    }

    private static let newline = UInt8(ascii: "\n")

    private static func line(_ entry: LinkHostsEntry) -> [UInt8] {
        Array("\(entry.address)\t\(entry.names.joined(separator: " "))".utf8)
    }

    private static func fields(_ entry: LinkHostsEntry) -> [[UInt8]] {
        [Array(entry.address.utf8)] + entry.names.map { Array($0.utf8) }
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
        line.split(whereSeparator: isBlank).map { Array($0) }
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
}
