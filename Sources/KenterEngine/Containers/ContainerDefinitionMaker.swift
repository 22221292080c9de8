import JSONRPC
import KenterProtocol
import KenterState
import Netlink

/// Turns a request and an image into what a container is to be: every check that needs nothing but the request.
struct ContainerDefinitionMaker {
    let params: ContainerCreate
    let image: ImageRecord
    let imageName: String
    let network: NetworkMode
    let defaultHostname: String

    /// What the container is to be, but for its mounts: those need the state of the moment.
    func definition() throws(RPCError) -> ContainerDefinition {
        try checkNetworkConflicts()
        if params.`init` == true { _ = try ContainerInit.find() }
        let published = try publishRecords()
        let (entrypoint, command) = try commandLine()
        let config = Container.Configuration(
            env: Self.merge(image.config.env, params.env ?? []), command: command, entrypoint: entrypoint,
            user: params.user ?? image.config.user, workdir: try workdir(), hostname: try hostname(),
            labels: try labels(),
            exposedPorts: try exposedPorts(published), volumes: image.config.volumes, tty: params.tty ?? false,
            stdinOpen: params.stdinOpen ?? false, stopSignal: try stopSignal(),
            stopTimeoutSeconds: try stopTimeout(), extraHosts: try extraHosts(), dns: try dns(),
            readOnly: params.readOnly ?? false, privileged: params.privileged ?? false,
            init: params.`init`, capAdd: params.capAdd ?? [], capDrop: params.capDrop ?? [],
            autoRemove: params.autoRemove ?? false,
            healthcheck: try HealthPlan.healthcheck(params.healthcheck, image: image.config.healthcheck))
        try checkEnvironment()
        return ContainerDefinition(
            image: imageName, imageId: image.id, layers: image.layers, config: config,
            publishesAll: params.publishAll ?? false, ownEnv: params.env ?? [], imageEnv: image.config.env,
            network: network, publish: published,
            publishAsGiven: params.publish ?? [], hostPorts: try hostPorts(), mounts: [],
            restart: try restart(), resources: try resources())
    }

    private static func invalid(_ text: String) -> RPCError { RPCError(.invalidParams, text) }

    // MARK: network

    private func checkNetworkConflicts() throws(RPCError) {
        guard case .container = network else { return }
        let conflicts: [(Bool, String)] = [
            (
                !(params.publish ?? []).isEmpty || params.publishAll == true,
                "conflicting options: port publishing and the container type network mode"
            ),
            (!(params.expose ?? []).isEmpty, "conflicting options: port exposing and the container type network mode"),
            (params.hostname != nil, "conflicting options: hostname and the network mode"),
            (
                !(params.extraHosts ?? []).isEmpty,
                "conflicting options: custom host-to-IP mapping and the network mode"
            ),
            (!(params.dns ?? []).isEmpty, "conflicting options: dns and the network mode"),
        ]
        for (isConflict, text) in conflicts where isConflict { throw Self.invalid(text) }
    }

    private func publishRecords() throws(RPCError) -> [PublishRecord] {
        if network == .host { return [] }
        var records: [PublishRecord] = []
        var known: Set<PublishRecord> = []
        for text in params.publish ?? [] {
            for record in try PortSpecification.publish(text) where known.insert(record).inserted {
                records.append(record)
            }
        }
        return records
    }

    private func exposedPorts(_ published: [PublishRecord]) throws(RPCError) -> [String] {
        var ports = Set(image.config.exposedPorts)
        // Each text may stand for every port there is.
        for text in Set(params.expose ?? []) where ports.count <= PortSpecification.exposedPortCountMax {
            ports.formUnion(try PortSpecification.expose(text))
        }
        ports.formUnion(published.map { "\($0.containerPort)/\($0.transport.rawValue)" })
        guard ports.count <= PortSpecification.exposedPortCountMax else {
            throw Self.invalid(
                "the container would expose more than \(PortSpecification.exposedPortCountMax) ports: expose fewer, "
                    + "or use an image that does")
        }
        return ports.sorted { left, right in
            let (leftNumber, rightNumber) = (Int(left.prefix { $0 != "/" }) ?? 0, Int(right.prefix { $0 != "/" }) ?? 0)
            return (leftNumber, left) < (rightNumber, right)
        }
    }

    private func hostPorts() throws(RPCError) -> [String] {
        try PortSpecification.checkHostPorts(params.hostPorts ?? [])
        return params.hostPorts ?? []
    }

    private func extraHosts() throws(RPCError) -> [String] {
        for entry in params.extraHosts ?? [] { _ = try HostsFile.extraEntry(entry) }
        return params.extraHosts ?? []
    }

    private func dns() throws(RPCError) -> [String] {
        for address in params.dns ?? [] where IPAddress(address) == nil {
            throw Self.invalid("\(address) is not an ip address")
        }
        return params.dns ?? []
    }

    private func hostname() throws(RPCError) -> String {
        guard let hostname = params.hostname, !hostname.isEmpty else { return defaultHostname }
        guard HostName.isValid(hostname) else { throw Self.invalid("invalid hostname format: \(hostname)") }
        return hostname
    }

    // MARK: process

    private func commandLine() throws(RPCError) -> (entrypoint: [String], command: [String]) {
        let entrypoint: [String]
        let command: [String]
        if let own = params.entrypoint {
            // An entry point of one's own drops the image's command.
            entrypoint = own == [""] ? [] : own
            command = params.command ?? []
        } else {
            entrypoint = image.config.entrypoint
            command = (params.command ?? []).isEmpty ? image.config.command : params.command ?? []
        }
        guard let program = (entrypoint + command).first else { throw Self.invalid("No command specified") }
        guard !program.isEmpty else { throw Self.invalid("the command's name is empty") }
        return (entrypoint, command)
    }

    /// They stand in every list.
    private func labels() throws(RPCError) -> [String: String] {
        let labels = image.config.labels.merging(params.labels ?? [:]) { _, own in own }
        guard labels.reduce(0, { $0 + $1.key.utf8.count + $1.value.utf8.count }) <= Self.labelBytesMax else {
            throw Self.invalid(
                "the labels of the image '\(imageName)' and the container have more than \(Self.labelBytesMax) bytes")
        }
        return labels
    }

    private static let labelBytesMax = 1 << 20

    private func workdir() throws(RPCError) -> String {
        if let own = params.workdir {
            guard own.hasPrefix("/") else {
                throw Self.invalid("the working directory '\(own)' is invalid, it needs to be an absolute path")
            }
        }
        let chosen = params.workdir ?? image.config.workdir
        if chosen.isEmpty { return "/" }
        return try WorkingDirectory.check(chosen.hasPrefix("/") ? chosen : "/" + chosen)
    }

    private func checkEnvironment() throws(RPCError) {
        for entry in params.env ?? [] where entry.isEmpty || entry.hasPrefix("=") {
            throw Self.invalid("invalid environment variable: \(entry)")
        }
    }

    private func stopSignal() throws(RPCError) -> String {
        let signal = params.stopSignal ?? image.config.stopSignal ?? ""
        if signal.isEmpty { return "SIGTERM" }
        _ = try Signal.number(signal)
        return signal
    }

    private func stopTimeout() throws(RPCError) -> Int {
        let seconds = params.stopTimeoutSeconds ?? 10
        guard (-1...(1 << 31)).contains(seconds) else {
            throw Self.invalid("stopTimeoutSeconds must be -1 (for ever) or 0 to 2147483648")
        }
        return seconds
    }

    private func restart() throws(RPCError) -> RestartPolicy {
        let policy = params.restart ?? RestartPolicy(policy: .no)
        try policy.check()
        if policy.policy != .no, params.autoRemove == true {
            throw Self.invalid("can't create 'AutoRemove' container with restart policy")
        }
        return policy
    }

    private func resources() throws(RPCError) -> Resources {
        let resources = params.resources ?? Resources()
        try resources.check()
        return resources
    }

    /// Later entries win in the place of earlier ones; a name alone removes.
    static func merge(_ base: [String], _ own: [String]) -> [String] {
        var entries = EnvironmentEntries()
        for entry in base + own { entries.set(entry) }
        return entries.list
    }
}
