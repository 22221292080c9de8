import JSONRPC
import TestSupport
import Testing

/// A case of the `life` vectors: steps on a running engine, each an action or a check.
struct LinkLifeVector: Sendable, CustomTestStringConvertible {
    var id: String
    /// The text of config.json; `nil` for the defaults.
    var configuration: String?
    var steps: [JSONValue]

    var testDescription: String { id }

    /// The vectors of Tests/Fixtures/links.
    static func all() throws -> [LinkLifeVector] {
        let text = TextFile.read(BuildProducts.fixture("links/vectors.jsonl"))
        var vectors: [LinkLifeVector] = []
        for line in text.split(separator: "\n") {
            let document = try JSONValue(text: String(line))
            let steps = document["steps"].array ?? []
            if document["kind"] != "life" { continue }
            let configuration = document["engine"] == .null ? nil : document["engine"].text
            vectors.append(LinkLifeVector(id: document["id"].string ?? "", configuration: configuration, steps: steps))
        }
        return vectors
    }
}

/// Carries out the steps of a vector.
struct LinkLife {
    let engine: TestEngine

    func perform(_ step: JSONValue) async throws {
        if step["error_kind"] != .null { try await expectErrorKind(step) }
        if try await act(step) { return }
        try await check(step)
    }

    /// Carries out an action; false when the step is none.
    private func act(_ step: JSONValue) async throws -> Bool {
        let command: [String]
        if let name = step["run"].string {
            command = ["run", "--detach"] + (try await options(step, Self.long(name)))
        } else if let name = step["create"].string {
            command = ["create"] + (try await options(step, Self.long(name)))
        } else if let name = step["start"].string {
            command = ["start", name]
        } else if let name = step["stop"].string {
            command = ["stop", "--time", "0", name]
        } else if let name = step["restart"].string {
            command = ["restart", "--time", "0", name]
        } else if step["rename"] != .null {
            command = ["rename"] + step["rename"].strings
        } else if let name = step["net_create"].string {
            command = ["network", "create", name]
        } else if let path = step["rm_link"].string {
            command = ["rm", "--link", path]
        } else {
            return false
        }
        let result = try await engine.kenter(command)
        if let text = step["fails"].string {
            #expect(result.exit != 0, "\(result)")
            #expect(result.errors.contains(text), "\(result)")
        } else {
            #expect(result.exit == 0, "\(result)")
        }
        return true
    }

    /// A name of one letter, which containers cannot have, is written twice.
    private static func long(_ name: String) -> String { name.count == 1 ? name + name : name }

    /// Options, image and command of a sleeper that listens where it exposes a port.
    private func options(_ step: JSONValue, _ name: String) async throws -> [String] {
        var options = ["--name", name]
        for link in step["links"].strings { options += ["--link", try await resolved(link)] }
        for variable in step["env"].strings { options += ["--env", variable] }
        if let hostname = step["hostname"].string { options += ["--hostname", hostname] }
        if let network = step["net"].string { options += ["--network", network] }
        if step["read_only"] == true { options.append("--read-only") }
        for port in step["expose"].strings { options += ["--expose", port] }
        guard let port = step["expose"].strings.first else { return options + ["busybox", "sleep", "1d"] }
        return options + ["busybox", "httpd", "-f", "-p", String(port.prefix { $0 != "/" }), "-h", "/var/www"]
    }

    private func check(_ step: JSONValue) async throws {
        guard let (kind, value) = step.object?.members.first.map({ ($0.name, $0.value) }) else { return }
        let container = Self.long(value[0].string ?? value.string ?? "")
        switch kind {
        case "resolves", "not_resolves":
            for name in value[1].strings {
                let ping = try await engine.kenter(["exec", container, "ping", "-c1", "-W1", name])
                #expect(ping.errors.contains("bad address") == (kind == "not_resolves"), "\(ping)")
                #expect((ping.exit == 0) == (kind == "resolves"), "\(ping)")
            }
        case "hosts_ip":
            let address = try await hostsAddress(of: value[1].string ?? "", in: container)
            #expect(try await address == engine.inspect(value[2].string ?? "")["networks"].firstAddress)
        case "inspect_links":
            #expect(try await engine.inspect(container)["links"].strings == value[1].strings)
        case "names":
            #expect(Set(try await engine.inspect(container)["names"].strings) == Set(value[1].strings))
        case "env_has":
            let variables = try await engine.kenter(["exec", container, "sh", "-c", "tr '\\0' '\\n' </proc/1/environ"])
                .lines
            for variable in value[1].strings { #expect(variables.contains(variable)) }
        case "reach", "no_reach":
            var probe = try await reach(value[1].string ?? "", from: container)
            if kind == "reach" {
                // What has just been started may not listen yet.
                _ = try await eventually {
                    if probe.exit != 0 { probe = try await reach(value[1].string ?? "", from: container) }
                    return probe.exit == 0
                }
            }
            #expect((probe.exit == 0) == (kind == "reach"), "\(probe)")
        case "absent":
            let absent = try await engine.kenter(["inspect", container])
            #expect(absent.exit != 0, "\(absent)")
        default:
            Issue.record("unknown step \(kind)")
        }
    }

    /// Tries to connect to `name:port` or `@container:port`.
    private func reach(_ target: String, from container: String) async throws -> CommandResult {
        let parts = target.split(separator: ":").map(String.init)
        let address: String
        if parts[0].hasPrefix("@") {
            address = try await engine.inspect(String(parts[0].dropFirst()))["networks"].firstAddress ?? ""
        } else {
            address = try await hostsAddress(of: parts[0], in: container) ?? ""
        }
        return try await engine.kenter(["exec", container, "nettool", "tcp", address, parts[1]])
    }

    private func hostsAddress(of name: String, in container: String) async throws -> String? {
        let hosts = try await engine.kenter("exec", container, "cat", "/etc/hosts")
        for line in hosts.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.dropFirst().contains(Substring(name)) { return words.first.map(String.init) }
        }
        return nil
    }

    /// `@id(name):alias` → the container's id.
    private func resolved(_ link: String) async throws -> String {
        guard link.hasPrefix("@id("), let end = link.firstIndex(of: ")") else { return link }
        let name = String(link[link.index(link.startIndex, offsetBy: 4)..<end])
        return "\(try await engine.inspect(name)["id"].string ?? "")\(link[link.index(after: end)...])"
    }

    /// The same creation as a request, whose error must be of the kind.
    private func expectErrorKind(_ step: JSONValue) async throws {
        let name = Self.long(step["create"].string ?? "")
        let parameters: JSONValue = ["name": .string(name), "image": "busybox", "links": step["links"]]
        let request: JSONValue = ["jsonrpc": "2.0", "id": 1, "method": "container.create", "params": parameters]
        let answer = try await engine.connect().call(request.text)
        #expect(answer["error"]["data"]["kind"] == step["error_kind"], "\(answer.text)")
    }
}

extension JSONValue {
    /// The IPv4 address on the first of a container's networks, which this is.
    fileprivate var firstAddress: String? { object?.members.first?.value["ipv4"].string }
}
