import JSONRPC
import TestSupport

/// A recorded `docker` command line as `kenter` takes it: the same but for Go templates, which become look-ups in JSON.
struct DockerCommand {
    private let arguments: [String]
    private let engine: TestEngine

    init(_ arguments: [String], engine: TestEngine) {
        self.arguments = arguments
        self.engine = engine
    }

    func run() async throws -> CommandResult {
        guard let position = arguments.firstIndex(where: { $0 == "-f" || $0 == "--format" }),
            arguments.count > position + 1,
            ["ps", "inspect"].contains(arguments[0])
        else { return try await engine.kenter(arguments) }
        let template = arguments[position + 1]
        var plain = arguments
        plain.removeSubrange(position...position + 1)
        if arguments[0] == "ps" { plain.append("--json") }
        var result = try await engine.kenter(plain)
        guard result.exit == 0 else {
            result.output = ""
            return result
        }
        let document = try JSONValue(text: result.output)
        if arguments[0] == "ps" {
            let containers = document.array ?? document["containers"].array ?? []
            result.output = containers.map { "\(Self.row($0, template))\n" }.joined()
        } else {
            result.output = "\(try Self.render(document.array == nil ? document : document[0], template))\n"
        }
        return result
    }

    /// A line of `ps --format`.
    private static func row(_ container: JSONValue, _ template: String) -> String {
        let names = container["names"].strings.map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
        return template.replacing("{{.ID}}", with: container["id"].string ?? "")
            .replacing("{{.Names}}", with: names.joined(separator: ","))
            .replacing("{{.Ports}}", with: ports(container["ports"]))
            .replacing("{{.State}}", with: container["state"].string ?? "")
    }

    /// The ports as `docker ps` writes them.
    private static func ports(_ ports: JSONValue) -> String {
        (ports.array ?? []).map { port in
            let own = "\(port["containerPort"].integer ?? 0)/\(port["protocol"].string ?? "")"
            guard let hostPort = port["hostPort"].integer, hostPort > 0 else { return own }
            return "\(port["hostAddress"].string ?? ""):\(hostPort)->\(own)"
        }.joined(separator: ", ")
    }

    /// What the templates of the recordings show of a container.
    private static func render(_ container: JSONValue, _ template: String) throws -> String {
        let state = container["state"]
        switch template {
        case "{{json .HostConfig.Links}}":
            return container["links"].strings.isEmpty ? "null" : list(container["links"].strings)
        case "{{json .Config.Env}}": return list(container["config"]["env"].strings)
        case "{{json .Config.ExposedPorts}}":
            return "{\(container["config"]["exposedPorts"].strings.map { "\(quoted($0)):{}" }.joined(separator: ","))}"
        case "{{.Name}}": return "/\(container["name"].string ?? "")"
        case "{{.NetworkSettings.IPAddress}}": return container["networks"]["bridge"]["ipv4"].string ?? ""
        case "{{json .NetworkSettings.Ports}} {{json .HostConfig.PortBindings}}": return bindings(container)
        case "{{json .Mounts}}":
            return list(
                (container["mounts"].array ?? []).map { "\($0["type"].string ?? "") \($0["target"].string ?? "")" })
        case "{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}":
            return "\(state["status"].string ?? "") \(state["exitCode"].integer ?? 0) \(state["reason"].string ?? "")"
        default: throw CommandFailure("no rule for the template \(template)")
        }
    }

    /// `{"80/tcp":[{"HostIp":…,"HostPort":…}]}` of the ports as bound.
    private static func bindings(_ container: JSONValue) -> String {
        var bound: [String: [String]] = [:]
        for port in container["config"]["exposedPorts"].strings { bound[port] = [] }
        for port in container["ports"].array ?? [] {
            guard let hostPort = port["hostPort"].integer else { continue }
            let key = "\(port["containerPort"].integer ?? 0)/\(port["protocol"].string ?? "")"
            let address = quoted(port["hostAddress"].string ?? "")
            bound[key, default: []].append("{\"HostIp\":\(address),\"HostPort\":\"\(hostPort)\"}")
        }
        let members = bound.sorted { $0.key < $1.key }.map { port, bindings in
            "\(quoted(port)):\(bindings.isEmpty ? "null" : "[\(bindings.joined(separator: ","))]")"
        }
        return "{\(members.joined(separator: ","))}"
    }

    private static func list(_ texts: [String]) -> String { "[\(texts.map(quoted).joined(separator: ","))]" }

    private static func quoted(_ text: String) -> String { JSONValue.string(text).text }
}
