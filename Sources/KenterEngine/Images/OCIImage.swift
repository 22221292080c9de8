import JSONRPC
package import KenterProtocol

/// One image of the layout: its configuration and the layers it stands on.
package struct OCIImage: Sendable {
    /// A layer as it lies in the layout, and its digest once uncompressed.
    package struct Layer: Hashable, Sendable {
        package let descriptor: OCIDescriptor
        /// What `layer.apply` must report, or the image is refused.
        package let diffID: String
    }

    /// The digest of the configuration: the image's id.
    package let id: String
    package let manifestDigest: String
    package let architecture: String
    package let os: String
    /// `nil` where the image does not say.
    package let createdAt: Timestamp?
    package let config: ImageConfiguration
    /// Lowest first.
    package let layers: [Layer]

    init(manifestDigest: String, config: OCIDescriptor, layers: [OCIDescriptor], document: JSONObject)
        throws(RPCError)
    {
        id = config.digest
        self.manifestDigest = manifestDigest
        architecture = document["architecture"]?.string ?? ImagePlatform.host.architecture
        os = document["os"]?.string ?? "linux"
        createdAt = document["created"]?.string.flatMap(Timestamp.init)
        let diffIDs = document["rootfs"]?.object?["diff_ids"]?.array?.compactMap(\.string) ?? []
        guard diffIDs.count == layers.count, diffIDs.allSatisfy(OCIDescriptor.isDigest) else {
            throw RPCError(
                .invalidParams,
                "the image \(config.digest) has \(layers.count) layers, but its configuration names \(diffIDs.count)")
        }
        self.layers = zip(layers, diffIDs).map { Layer(descriptor: $0, diffID: $1) }
        self.config = ImageConfiguration(ociConfig: document["config"]?.object ?? JSONObject())
    }
}

// The `config` member of an OCI image configuration (image-spec, config.md).
extension ImageConfiguration {
    /// Missing and mistyped members mean the same as empty ones, as for Docker.
    init(ociConfig config: JSONObject) {
        func strings(_ name: String) -> [String] { config[name]?.array?.compactMap(\.string) ?? [] }
        func names(_ name: String) -> [String] { config[name]?.object?.names ?? [] }
        let labels = config["Labels"]?.object?.members ?? []
        self.init(
            env: strings("Env"), entrypoint: strings("Entrypoint"), command: strings("Cmd"),
            user: config["User"]?.string ?? "", workdir: config["WorkingDir"]?.string ?? "",
            exposedPorts: Self.sortedPorts(names("ExposedPorts")), volumes: names("Volumes").sorted(),
            labels: Dictionary(labels.compactMap { member in member.value.string.map { (member.name, $0) } }) { $1 },
            stopSignal: config["StopSignal"]?.string, healthcheck: Self.healthcheck(config["Healthcheck"]?.object))
    }

    /// The `config` member; empty members are left out.
    var ociConfig: JSONObject {
        func array(_ texts: [String]) -> JSONValue? { texts.isEmpty ? nil : .array(texts.map { .string($0) }) }
        func set(_ texts: [String]) -> JSONValue? {
            texts.isEmpty ? nil : .object(JSONObject(texts.map { ($0, .object(JSONObject())) }))
        }
        var config = JSONObject()
        config["User"] = user.isEmpty ? nil : .string(user)
        config["ExposedPorts"] = set(exposedPorts)
        config["Env"] = array(env)
        config["Entrypoint"] = array(entrypoint)
        config["Cmd"] = array(command)
        config["Volumes"] = set(volumes)
        config["WorkingDir"] = workdir.isEmpty ? nil : .string(workdir)
        let sortedLabels = labels.sorted { $0.key < $1.key }
        config["Labels"] =
            labels.isEmpty ? nil : .object(JSONObject(sortedLabels.map { ($0.key, .string($0.value)) }))
        config["StopSignal"] = stopSignal.map { .string($0) }
        config["Healthcheck"] = healthcheck.map { .object(Self.ociHealthcheck($0)) }
        return config
    }

    /// Docker's addition to the OCI configuration, with times in nanoseconds.
    private static func ociHealthcheck(_ check: Healthcheck) -> JSONObject {
        var object: JSONObject = ["Test": .array(check.test.map { .string($0) })]
        func set(_ name: String, _ seconds: Double?) {
            if let seconds { object[name] = .integer(Int64(seconds * 1_000_000_000)) }
        }
        set("Interval", check.intervalSeconds)
        set("Timeout", check.timeoutSeconds)
        set("StartPeriod", check.startPeriodSeconds)
        set("StartInterval", check.startIntervalSeconds)
        object["Retries"] = check.retries.map { .integer(Int64($0)) }
        return object
    }

    /// `80` means `80/tcp`; ordered by number, then protocol.
    static func sortedPorts(_ ports: [String]) -> [String] {
        let whole = Set(ports.map { $0.contains("/") ? $0 : "\($0)/tcp" })
        func number(_ port: String) -> Int { Int(port.prefix { $0.isNumber }) ?? 0 }
        return whole.sorted { (number($0), $0) < (number($1), $1) }
    }

    /// An image's checks cost the host, outside the container's limits: whoever wants them oftener says so to `run`.
    private static let shortestIntervalSeconds = 1.0

    private static func healthcheck(_ object: JSONObject?) -> Healthcheck? {
        guard let object, let test = object["Test"]?.array?.compactMap(\.string), !test.isEmpty else { return nil }
        func seconds(_ name: String, least: Double = 0) -> Double? {
            object[name]?.integer.flatMap { $0 > 0 ? max(least, Double($0) / 1_000_000_000) : nil }
        }
        return Healthcheck(
            test: test, intervalSeconds: seconds("Interval", least: shortestIntervalSeconds),
            timeoutSeconds: seconds("Timeout"),
            startPeriodSeconds: seconds("StartPeriod"),
            startIntervalSeconds: seconds("StartInterval", least: shortestIntervalSeconds),
            retries: object["Retries"]?.integer.flatMap { $0 > 0 ? Int(exactly: $0) : nil })
    }
}
