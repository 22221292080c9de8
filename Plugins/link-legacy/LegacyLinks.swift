import KenterPluginKit
import KenterProtocol

/// Docker's legacy links: environment variables, a hosts line, and a path to the exposed ports.
struct LegacyLinks: LinkProvider {
    func describe(_ request: ProviderLinkDescribe) async throws -> ProviderLinkDescribe.Result {
        ProviderLinkDescribe.Result(
            options: LinkOptions.schema,
            produces: .init(
                env: ["{ALIAS}_NAME", "{ALIAS}_PORT", "{ALIAS}_PORT_*", "{ALIAS}_ENV_*"], files: BindingFiles.names))
    }

    func plan(_ request: ProviderLinkPlan) async throws -> LinkPlan {
        let options = try LinkOptions(request.options)
        let ports = try ExposedPorts(request.source.exposedPorts)
        let inheritance = InheritedEnvironment(request.source.env, options: options)
        var plan = LinkPlan(
            hosts: hosts(request), firewall: ports.firewall, withheld: inheritance.withheld)
        let address = options.address == .name ? request.alias : request.source.addresses.preferred
        let endpoint = address.map { Endpoint(address: $0) }
        plan.env = EnvironmentPlan(request, ports: ports, endpoint: endpoint, rules: options.rules)
            .variables(inherited: inheritance.passed)
        if options.projectsFiles {
            plan.files = BindingFiles.files(for: request, ports: ports, endpoint: endpoint, rules: options.rules)
        }
        if endpoint == nil && request.source.running {
            plan.warnings.append(
                "\(request.source.name) has no address yet: variables and lines that hold one are left out")
        }
        if options.env == .all, let warning = secretsWarning(plan.env, request) { plan.warnings.append(warning) }
        return plan
    }

    /// One line for each family: alias, hostname, and the source's name where it differs from the alias. As in Docker, an
    /// alias that is the hostname, too, stands twice.
    private func hosts(_ request: ProviderLinkPlan) -> [LinkHostsEntry] {
        var names = [request.alias, request.source.hostname]
        if request.source.name != request.alias { names.append(request.source.name) }
        return [request.source.addresses.ipv4, request.source.addresses.ipv6].compactMap { address in
            address.map { LinkHostsEntry(address: $0, names: names) }
        }
    }

    /// Names only: the values are what must not spread.
    private func secretsWarning(_ variables: [LinkVariable], _ request: ProviderLinkPlan) -> String? {
        let names = variables.filter { $0.sensitive == true }.map(\.name)
        guard !names.isEmpty else { return nil }
        return "the link '\(request.alias)' passes variables of \(request.source.name) that look secret: "
            + "\(names.joined(separator: ", ")) (the option env=safe withholds them)"
    }
}

extension ContainerAddresses {
    /// The address that variables name: IPv4 where there is one.
    var preferred: String? { ipv4 ?? ipv6 }
}

/// Where the source is reached.
struct Endpoint {
    /// An address, or the alias.
    var address: String

    /// `tcp://172.17.0.2:80`; an IPv6 address stands in brackets.
    func uri(_ port: ExposedPort) -> String {
        let host = address.contains(":") ? "[\(address)]" : address
        return "\(port.transport.rawValue)://\(host):\(port.number)"
    }
}
