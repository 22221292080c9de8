package import JSONRPC

/// The name of an image, in full: registry, repository, and a tag or digest or both.
///
/// Grammar, defaults and texts are those of Docker's reference package: `mysql` means `docker.io/library/mysql:latest`.
package struct ImageReference: Hashable, Sendable, CustomStringConvertible {
    /// The registry, with its port where one is said: `docker.io`, `localhost:5000`.
    package let registry: String
    /// The path in the registry: `library/mysql`.
    package let repository: String
    package let tag: String?
    /// `sha256:` and 64 digits.
    package let digest: String?

    /// Reads what people write. Fails with `invalidParams` and Docker's text.
    package init(_ text: String) throws(RPCError) {
        let invalid = RPCError(.invalidParams, "invalid reference format")
        if text.utf8.count == 64, text.utf8.allSatisfy(Grammar.isHexadecimal) {
            throw RPCError(
                .invalidParams,
                "invalid repository name (\(text)), cannot specify 64-byte hexadecimal strings")
        }
        var rest = text[...]
        if let at = rest.firstIndex(of: "@") {
            digest = String(rest[rest.index(after: at)...])
            rest = rest[..<at]
        } else {
            digest = nil
        }
        let nameEnd = rest.lastIndex(of: "/") ?? rest.startIndex
        if let colon = rest[nameEnd...].lastIndex(of: ":") {
            tag = String(rest[rest.index(after: colon)...])
            rest = rest[..<colon]
        } else {
            tag = digest == nil ? "latest" : nil
        }
        (registry, repository) = Self.split(String(rest))
        guard repository == repository.lowercased() else {
            throw RPCError(
                .invalidParams, "invalid reference format: repository name (\(repository)) must be lowercase")
        }
        guard Grammar.isRegistry(registry), Grammar.isRepository(repository), tag.map(Grammar.isTag) ?? true,
            digest.map(Grammar.isDigest) ?? true
        else { throw invalid }
        guard registry.utf8.count + 1 + repository.utf8.count <= 255 else {
            throw RPCError(
                .invalidParams, "invalid reference format: repository name must not be more than 255 characters")
        }
    }

    /// The first component is a registry when it could be no user name of Docker Hub.
    private static func split(_ name: String) -> (registry: String, repository: String) {
        var registry = Self.dockerHub
        var repository = name
        if let slash = name.firstIndex(of: "/") {
            let first = String(name[..<slash])
            if first.contains(".") || first.contains(":") || first == "localhost" || first != first.lowercased() {
                registry = first == "index.docker.io" ? Self.dockerHub : first
                repository = String(name[name.index(after: slash)...])
            }
        }
        if registry == Self.dockerHub, !repository.contains("/") { repository = "library/" + repository }
        return (registry, repository)
    }

    private init(registry: String, repository: String, tag: String?, digest: String?) {
        (self.registry, self.repository, self.tag, self.digest) = (registry, repository, tag, digest)
    }

    package static let dockerHub = "docker.io"

    /// Registry and repository: `docker.io/library/mysql`.
    package var name: String { "\(registry)/\(repository)" }

    /// The full reference, the form to store: `docker.io/library/mysql:latest`, `…@sha256:…`.
    ///
    /// Where both are said, the digest decides which image it is, and the tag is left out.
    package var description: String { name + suffix }

    /// The name as people write it: `mysql`, `localhost:5000/some/image`.
    package var familiarName: String {
        guard registry == Self.dockerHub else { return name }
        return repository.hasPrefix("library/") ? String(repository.dropFirst(8)) : repository
    }

    /// The reference as people write it: `mysql:latest`.
    package var familiar: String { familiarName + suffix }

    private var suffix: String {
        if let digest { return "@\(digest)" }
        return tag.map { ":\($0)" } ?? ""
    }

    /// The same repository, by digest.
    package func pinned(to digest: String) -> ImageReference {
        ImageReference(registry: registry, repository: repository, tag: nil, digest: digest)
    }

    /// Whether the registry is this host: then plain HTTP may be spoken with it.
    package var isLoopback: Bool {
        if registry.hasPrefix("[::1]") { return true }
        let host = registry.split(separator: ":").first.map(String.init) ?? ""
        let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return host == "localhost" || (numbers.count == 4 && numbers[0] == 127 && !numbers.contains(nil))
    }
}

/// The grammar of references, by hand: components are short, and the rules are plain.
private enum Grammar {
    /// Host labels with an optional port, or an IPv6 address in brackets.
    static func isRegistry(_ text: String) -> Bool {
        var host = text[...]
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            let address = host[host.index(after: host.startIndex)..<end]
            let port = host[host.index(after: end)...]
            return !address.isEmpty && address.utf8.allSatisfy { isHexadecimal($0) || $0 == UInt8(ascii: ":") }
                && (port.isEmpty || isPort(port))
        }
        if let colon = host.firstIndex(of: ":") {
            guard isPort(host[colon...]) else { return false }
            host = host[..<colon]
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == dash }
                && label.utf8.first != dash && label.utf8.last != dash
        }
    }

    /// Components of lower-case letters and digits, joined inside by one `.`, one or two `_`, or any number of `-`.
    static func isRepository(_ text: String) -> Bool {
        text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { component in
            let bytes = Array(component.utf8)
            guard let first = bytes.first, let last = bytes.last, isLowercase(first), isLowercase(last) else {
                return false
            }
            let separators = bytes.split(omittingEmptySubsequences: true, whereSeparator: isLowercase)
            return separators.allSatisfy { run in
                run.allSatisfy { $0 == dash } || run.elementsEqual(".".utf8) || run.elementsEqual("_".utf8)
                    || run.elementsEqual("__".utf8)
            }
        }
    }

    static func isTag(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, isWord(first), bytes.count <= 128 else { return false }
        return bytes.allSatisfy { isWord($0) || $0 == dash || $0 == UInt8(ascii: ".") }
    }

    static func isDigest(_ text: String) -> Bool {
        text.hasPrefix("sha256:") && text.utf8.count == 71 && text.utf8.dropFirst(7).allSatisfy(isHexadecimal)
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static let dash = UInt8(ascii: "-")

    private static func isPort(_ text: Substring) -> Bool {
        text.hasPrefix(":") && text.utf8.count > 1 && text.utf8.dropFirst().allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    private static func isLowercase(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowercase(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    private static func isWord(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == UInt8(ascii: "_") }
}
