package import JSONRPC
package import KenterProtocol

/// The instructions of `import --change`, read as Docker reads a Dockerfile's.
package enum ImportChanges {
    /// The configuration that `changes` make, applied in order. Fails with `invalidParams`, naming the instruction.
    package static func configuration(_ changes: [String]) throws(RPCError) -> ImageConfiguration {
        guard changes.reduce(0, { $0 + $1.utf8.count }) <= textLimitBytes else {
            throw RPCError(
                .invalidParams, "the changes have more than \(textLimitBytes) bytes; make the image elsewhere")
        }
        var config = ImageConfiguration(user: "", workdir: "")
        for change in changes {
            for line in change.split(separator: "\n") {
                try apply(String(line), to: &config)
                try checkSize(
                    config.env.reduce(config.labels.reduce(0) { $0 + $1.value.utf8.count }) { $0 + $1.utf8.count })
            }
        }
        return config
    }

    private static let textLimitBytes = 64 << 10
    private static let configurationLimitBytes = 4 << 20

    /// Variables that hold variables multiply: a few lines could ask for more memory than there is.
    private static func checkSize(_ bytes: Int) throws(RPCError) {
        guard bytes <= configurationLimitBytes else {
            throw RPCError(
                .invalidParams,
                "the changes make variables and labels of more than \(configurationLimitBytes) bytes")
        }
    }

    private static func apply(_ line: String, to config: inout ImageConfiguration) throws(RPCError) {
        let line = line.trimmed
        let keyword = line.prefix { !$0.isWhitespace }
        let instruction = keyword.uppercased()
        let rest = line.dropFirst(keyword.count).trimmed
        guard known.contains(instruction) else {
            let text =
                unsuited.contains(instruction)
                ? "\(instruction) is not a valid change command" : "unknown instruction: \(escapedForMessage(keyword))"
            throw RPCError(.invalidParams, "\(text); 'change' takes \(known.joined(separator: ", "))")
        }
        guard !rest.isEmpty else {
            throw RPCError(.invalidParams, "\(instruction) requires at least one argument")
        }
        switch instruction {
        case "CMD": config.command = try command(rest, instruction)
        case "ENTRYPOINT": config.entrypoint = try command(rest, instruction)
        case "ENV":
            for (name, value) in try assignments(rest, instruction, env: config.env) {
                set(name, value, in: &config.env)
            }
        case "LABEL":
            for (name, value) in try assignments(rest, instruction, env: config.env) { config.labels[name] = value }
        case "EXPOSE":
            // The words that are the same say it once: each may stand for every port there is.
            for word in Set(try words(rest, env: config.env)) { config.exposedPorts += try portRange(word) }
            config.exposedPorts = ImageConfiguration.sortedPorts(config.exposedPorts)
        case "VOLUME":
            let volumes = if let array = array(rest) { array } else { try words(rest, env: config.env) }
            for volume in volumes { config.volumes.append(try volumePath(volume)) }
        case "USER": config.user = try single(rest, instruction, env: config.env)
        case "HEALTHCHECK": config.healthcheck = try ImportHealthcheck.parse(rest)
        case "STOPSIGNAL": config.stopSignal = try single(rest, instruction, env: config.env)
        default: config.workdir = resolve(try single(rest, instruction, env: config.env), from: config.workdir)
        }
    }

    private static let known = [
        "CMD", "ENTRYPOINT", "ENV", "EXPOSE", "VOLUME", "USER", "WORKDIR", "LABEL", "STOPSIGNAL",
        "HEALTHCHECK",
    ]
    private static let unsuited = [
        "ADD", "ARG", "COPY", "FROM", "MAINTAINER", "ONBUILD", "RUN", "SHELL",
    ]

    // MARK: forms

    /// The exec form is a JSON array; anything else is for a shell.
    private static func command(_ text: String, _ instruction: String) throws(RPCError) -> [String] {
        if let words = array(text) { return words }
        guard !text.hasPrefix("[") else {
            throw RPCError(
                .invalidParams,
                "\(instruction) begins like a JSON array of strings, but is none: \(escapedForMessage(text))")
        }
        return ["/bin/sh", "-c", text]
    }

    /// The strings of a JSON array; `nil` when the text is none.
    static func array(_ text: String) -> [String]? {
        guard text.hasPrefix("[") else { return nil }
        // Not JSON means the other form, as for Docker.
        guard let elements = try? JSONScanner.scan(Array(text.utf8)).array else { return nil }
        let strings = elements.compactMap(\.string)
        return strings.count == elements.count ? strings : nil
    }

    private static func words(_ text: String, env: [String]) throws(RPCError) -> [String] {
        try DockerfileWords.split(text).map { word throws(RPCError) in try DockerfileWords.expand(word, env: env) }
    }

    private static func single(_ text: String, _ instruction: String, env: [String]) throws(RPCError) -> String {
        // A path may hold spaces: Docker takes the rest of the line as one argument.
        let value = try DockerfileWords.expand(text, env: env)
        guard !value.isEmpty else { throw RPCError(.invalidParams, "\(instruction) requires exactly one argument") }
        return value
    }

    /// `NAME=value NAME2="other value"`, or the older `NAME value with spaces`.
    private static func assignments(
        _ text: String, _ instruction: String, env: [String]
    ) throws(RPCError) -> [(String, String)] {
        let words = DockerfileWords.split(text)
        guard let first = words.first, first.contains("=") else {
            let name = text.prefix { !$0.isWhitespace }
            let value = text.dropFirst(name.count).trimmed
            guard !value.isEmpty else {
                throw RPCError(.invalidParams, "\(instruction) must have two arguments: \(escapedForMessage(text))")
            }
            return [(try DockerfileWords.expand(String(name), env: env), try DockerfileWords.expand(value, env: env))]
        }
        var pairs: [(String, String)] = []
        var bytes = 0
        for word in words {
            guard let equals = word.firstIndex(of: "=") else {
                throw RPCError(
                    .invalidParams,
                    "Syntax error - can't find = in \"\(escapedForMessage(word))\". Must be of the form: name=value")
            }
            let name = try DockerfileWords.expand(String(word[..<equals]), env: env)
            guard !name.isEmpty else { throw RPCError(.invalidParams, "\(instruction) names can not be blank") }
            let value = try DockerfileWords.expand(String(word[word.index(after: equals)...]), env: env)
            bytes += value.utf8.count
            try checkSize(bytes)
            pairs.append((name, value))
        }
        return pairs
    }

    // MARK: values

    private static func set(_ name: String, _ value: String, in env: inout [String]) {
        let entry = "\(name)=\(value)"
        if let index = env.firstIndex(where: { $0.hasPrefix("\(name)=") }) {
            env[index] = entry
        } else {
            env.append(entry)
        }
    }

    /// `80`, `53/udp`, `7000-7004/tcp`: every port by itself.
    private static func portRange(_ text: String) throws(RPCError) -> [String] {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let transport = parts.count == 2 ? parts[1].lowercased() : "tcp"
        guard parts.count <= 2, ["tcp", "udp", "sctp"].contains(transport), let ports = PortRange.parse(parts[0])
        else { throw RPCError(.invalidParams, "invalid containerPort: \(escapedForMessage(text))") }
        return ports.map { "\($0)/\(transport)" }
    }

    private static func volumePath(_ text: String) throws(RPCError) -> String {
        guard !text.trimmed.isEmpty else {
            throw RPCError(.invalidParams, "VOLUME specified can not be an empty string")
        }
        return text
    }

    /// WORKDIR is relative to the one before.
    private static func resolve(_ path: String, from base: String) -> String {
        let whole = path.hasPrefix("/") ? path : "\(base)/\(path)"
        var components: [Substring] = []
        for component in whole.split(separator: "/") where component != "." {
            if component == ".." { _ = components.popLast() } else { components.append(component) }
        }
        return "/" + components.joined(separator: "/")
    }
}

extension StringProtocol {
    /// Without white space at both ends.
    fileprivate var trimmed: String {
        var text = self.drop(while: \.isWhitespace)
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
