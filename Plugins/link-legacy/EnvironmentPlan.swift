import KenterProtocol

/// The variables of a link, in the order in which the consumer gets them.
struct EnvironmentPlan {
    /// The alias as names start with it.
    private let prefix: String
    private let linkName: String
    private let ports: [ExposedPort]
    private let runs: [PortRun]
    /// `nil` while the source has no address: then no variable names a port.
    private let endpoint: Endpoint?

    init(_ request: ProviderLinkPlan, ports: ExposedPorts, endpoint: Endpoint?, rules: LinkOptions.Rules) {
        prefix = String(request.alias.uppercased().map { $0 == "-" ? "_" : $0 })
        linkName = "/\(request.consumer.name)/\(request.alias)"
        self.ports = ports.ordered(by: rules)
        runs = ports.runs(by: rules)
        self.endpoint = endpoint
    }

    func variables(inherited: [InheritedEnvironment.Variable]) -> [LinkVariable] {
        var variables: [LinkVariable] = []
        if let endpoint {
            if let first = ports.first {
                variables.append(variable("PORT", endpoint.uri(first), from: "port \(first.text)"))
            }
            variables += ports.flatMap { describe($0, endpoint) }
            variables += runs.flatMap { describe($0, endpoint) }
        }
        variables.append(variable("NAME", linkName, from: "link"))
        for variable in inherited {
            variables.append(
                LinkVariable(
                    name: "\(prefix)_ENV_\(variable.name)", value: variable.value, from: "env \(variable.name)",
                    sensitive: variable.looksSecret ? true : nil))
        }
        return variables
    }

    private func describe(_ port: ExposedPort, _ endpoint: Endpoint) -> [LinkVariable] {
        let stem = stem(port)
        let origin = "port \(port.text)"
        return [
            variable(stem, endpoint.uri(port), from: origin),
            variable("\(stem)_ADDR", endpoint.address, from: origin),
            variable("\(stem)_PORT", "\(port.number)", from: origin),
            variable("\(stem)_PROTO", port.transport.rawValue, from: origin),
        ]
    }

    private func describe(_ run: PortRun, _ endpoint: Endpoint) -> [LinkVariable] {
        let stem = stem(run.first)
        let origin = "ports \(run.first.number)-\(run.last.text)"
        return [
            variable("\(stem)_START", endpoint.uri(run.first), from: origin),
            variable("\(stem)_PORT_START", "\(run.first.number)", from: origin),
            variable("\(stem)_END", endpoint.uri(run.last), from: origin),
            variable("\(stem)_PORT_END", "\(run.last.number)", from: origin),
        ]
    }

    private func stem(_ port: ExposedPort) -> String { "PORT_\(port.number)_\(port.transport.rawValue.uppercased())" }

    private func variable(_ name: String, _ value: String, from origin: String) -> LinkVariable {
        LinkVariable(name: "\(prefix)_\(name)", value: value, from: origin)
    }
}
