package import KenterProtocol

/// What a compose file asks for, with names and values as the engine wants them.
package struct ComposeProject: Sendable {
    package var name: String
    /// Dependencies before those that need them.
    package var services: [ComposeService] = []
    /// Services of the file whose profiles are off.
    package var disabledServices: Set<String> = []
    package var networks: [ComposeNetwork] = []
    package var volumes: [ComposeVolume] = []
    /// For people: what was left out, which variables have no value.
    package var warnings: [String] = []

    /// A project without its file, as its labels tell of it: networks and volumes that are its own.
    package static func labelled(_ name: String, networks: [String] = [], volumes: [String] = []) -> ComposeProject {
        var project = ComposeProject(name: name)
        project.networks = networks.map {
            ComposeNetwork(key: $0, request: NetworkCreate(networkName: $0), isExternal: false)
        }
        project.volumes = volumes.map { ComposeVolume(key: $0, request: VolumeCreate(name: $0), isExternal: false) }
        return project
    }

    package func service(_ name: String) -> ComposeService? { services.first { $0.name == name } }

    /// The services of these names, all of them for none, in the order in which they start.
    package func services(named names: [String]) throws(ComposeError) -> [ComposeService] {
        for name in names where service(name) == nil { throw ComposeError("", "no such service: \(name)") }
        return names.isEmpty ? services : services.filter { names.contains($0.name) }
    }

    /// These with all that they depend on, in the order in which they start.
    package func withDependencies(_ wanted: [ComposeService]) -> [ComposeService] {
        var names = Set(wanted.map(\.name))
        // Consumers stand behind what they depend on: backwards, one pass is enough.
        for service in services.reversed() where names.contains(service.name) {
            names.formUnion(service.dependencies.map(\.service))
        }
        return services.filter { names.contains($0.name) }
    }

    /// These with those that restart when one of them does, in the order in which they start.
    package func withRestarting(_ wanted: [ComposeService]) -> [ComposeService] {
        var names = Set(wanted.map(\.name))
        for service in services where service.restarts(with: names) { names.insert(service.name) }
        return services.filter { names.contains($0.name) }
    }
}

/// A service: one container.
package struct ComposeService: Sendable {
    package enum Condition: String, Sendable {
        case started = "service_started"
        case healthy = "service_healthy"
        case completed = "service_completed_successfully"
    }

    /// Another service that comes first.
    package struct Dependency: Sendable, Equatable {
        package var service: String
        package var condition: Condition
        /// Whether a restart of the other one restarts this one, too.
        package var restarts = false
    }

    package enum PullPolicy: String, Sendable {
        case missing, always, never
    }

    package var name: String
    package var container: ContainerCreate
    package var dependencies: [Dependency] = []
    /// Services that it refers to by their containers: when one of those is made anew, it is made anew, too.
    package var references: Set<String> = []
    package var pullPolicy = PullPolicy.missing

    /// Whether it is restarted when one of these is started anew: it asks for that, or is in that one's network.
    package func restarts(with others: Set<String>) -> Bool {
        dependencies.contains { $0.restarts && others.contains($0.service) }
    }
}

/// A network of the project, or one that exists without it.
package struct ComposeNetwork: Sendable {
    package var key: String
    package var request: NetworkCreate
    package var isExternal: Bool
}

/// A volume of the project, or one that exists without it.
package struct ComposeVolume: Sendable {
    package var key: String
    package var request: VolumeCreate
    package var isExternal: Bool
}

/// The labels by which a project's containers are found. They are those of Docker's compose: scripts look for them.
package enum ComposeLabel {
    package static let project = "com.docker.compose.project"
    package static let service = "com.docker.compose.service"
    package static let number = "com.docker.compose.container-number"
    package static let oneoff = "com.docker.compose.oneoff"
    package static let hash = "com.docker.compose.config-hash"
    package static let files = "com.docker.compose.project.config_files"
    package static let directory = "com.docker.compose.project.working_dir"
    package static let network = "com.docker.compose.network"
    package static let volume = "com.docker.compose.volume"
}
