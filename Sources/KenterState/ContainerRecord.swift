package import JSONRPC
package import KenterProtocol

/// A container as the engine remembers it.
package struct ContainerRecord: Sendable {
    package let id: String
    package var name: String
    package let createdAt: Timestamp
    package var definition: ContainerDefinition
    package var state: ContainerState

    package init(
        id: String, name: String, createdAt: Timestamp, definition: ContainerDefinition, state: ContainerState
    ) {
        self.id = id
        self.name = name
        self.createdAt = createdAt
        self.definition = definition
        self.state = state
    }

    /// The first 12 digits of the id, as people see it.
    package var shortID: String { String(id.prefix(12)) }
}

/// What was decided when a container was created; only its limits and its restart policy may change later.
package struct ContainerDefinition: Codable, Sendable {
    /// As named in the call.
    package var image: String
    package var imageId: String
    /// Digests of its layers, lowest first.
    package var layers: [String]
    /// With the image's values filled in.
    package var config: Container.Configuration
    /// Whether every exposed port is published.
    package var publishesAll: Bool
    /// Only what the call itself said: `NAME=VALUE`, or `NAME` to remove.
    package var ownEnv: [String]
    package var imageEnv: [String]
    package var network: NetworkMode
    /// Ports to publish; without host ports, one is chosen at each start.
    package var publish: [PublishRecord]
    package var publishAsGiven: [String]
    package var hostPorts: [String]
    package var mounts: [MountRecord]
    package var restart: RestartPolicy
    package var resources: Resources
    /// Who makes its root filesystem; `nil` for the default one, as it was when that was not remembered.
    package var storageProvider: String?

    package init(
        image: String, imageId: String, layers: [String], config: Container.Configuration, publishesAll: Bool,
        ownEnv: [String],
        imageEnv: [String], network: NetworkMode, publish: [PublishRecord],
        publishAsGiven: [String], hostPorts: [String], mounts: [MountRecord], restart: RestartPolicy,
        resources: Resources, storageProvider: String? = nil
    ) {
        self.image = image
        self.imageId = imageId
        self.layers = layers
        self.config = config
        self.publishesAll = publishesAll
        self.ownEnv = ownEnv
        self.imageEnv = imageEnv
        self.network = network
        self.publish = publish
        self.publishAsGiven = publishAsGiven
        self.hostPorts = hostPorts
        self.mounts = mounts
        self.restart = restart
        self.resources = resources
        self.storageProvider = storageProvider
    }
}

/// A port to publish.
package struct PublishRecord: Codable, Sendable, Hashable {
    /// Every address of the host where missing.
    package var hostAddress: String?
    /// First and last host port that may be taken; any free one where missing.
    package var hostPorts: [UInt16]?
    package var containerPort: UInt16
    package var transport: Port.TransportProtocol

    package init(
        hostAddress: String? = nil, hostPorts: [UInt16]? = nil, containerPort: UInt16,
        transport: Port.TransportProtocol
    ) {
        self.hostAddress = hostAddress
        self.hostPorts = hostPorts
        self.containerPort = containerPort
        self.transport = transport
    }
}

/// Which network namespace a container lives in.
package enum NetworkMode: Codable, Sendable, Equatable {
    /// Its own, on the networks that its memberships name; this is the id of the one it was made for.
    case network(id: String)
    case host
    case none
    /// The namespace of another container, by id.
    case container(id: String)
}

/// A mount of a container.
package struct MountRecord: Codable, Sendable {
    package var type: MountRequest.Kind
    /// The row of `volumeMounts`, and the id by which the storage provider knows the mount.
    package var volumeMountId: String?
    package var volumeId: String?
    package var volumeName: String?
    /// A bind's path on the host, as it was named.
    package var source: String?
    package var target: String
    package var readOnly: Bool
    package var sizeBytes: Int64?
    /// Whether a start makes the bind's source, a directory, where it is missing.
    package var createSource: Bool?
    /// Whether the bind may hold the engine's own files.
    package var engineAccess: Bool?

    package init(
        type: MountRequest.Kind, volumeMountId: String? = nil, volumeId: String? = nil, volumeName: String? = nil,
        source: String? = nil, target: String, readOnly: Bool, sizeBytes: Int64? = nil,
        createSource: Bool? = nil,
        engineAccess: Bool? = nil
    ) {
        self.type = type
        self.volumeMountId = volumeMountId
        self.volumeId = volumeId
        self.volumeName = volumeName
        self.source = source
        self.target = target
        self.readOnly = readOnly
        self.sizeBytes = sizeBytes
        self.createSource = createSource
        self.engineAccess = engineAccess
    }
}

/// Where a container is in its life.
package struct ContainerState: Codable, Sendable {
    package var status: ContainerStatus
    /// Whether a start is under way: after a crash of the engine it is undone.
    package var isStarting: Bool
    /// Whether somebody wants it to run: set by start, cleared by stop and kill.
    package var isWanted: Bool
    package var pid: Int32?
    /// The kernel's start time of that process, to tell it from another with the same id.
    package var pidStartTime: UInt64?
    package var exitCode: Int32?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var reason: String?
    package var oomKilled: Bool
    /// Since the last start by hand.
    package var restartCount: Int
    /// Restarts since it last ran long enough to count as well; `nil` for none.
    package var hastyRestarts: Int?
    /// Since its last start; `nil` without healthcheck.
    package var health: ContainerHealth?
    /// What a start that has been asked for waits for: `db to be healthy`.
    package var waitsFor: String?
    /// Whether a change of its limits is under way: after a crash of the engine it is undone.
    package var isUpdating: Bool?
    /// Whether its files are mounted for a copy while it does not run: after a crash of the engine they are taken down.
    package var isOpened: Bool?
    /// Whether the call that makes it has not been answered yet: after a crash of the engine it is removed.
    package var isProvisional: Bool?
    /// Once its removal has begun: whether its unnamed volumes go with it.
    package var removesVolumes: Bool?
    /// What the provider of its root filesystem returned; `nil` until that was prepared.
    package var rootfsState: JSONObject?

    package init(
        status: ContainerStatus, isStarting: Bool = false, isWanted: Bool = false, pid: Int32? = nil,
        pidStartTime: UInt64? = nil, exitCode: Int32? = nil, startedAt: Timestamp? = nil,
        finishedAt: Timestamp? = nil, reason: String? = nil, oomKilled: Bool = false, restartCount: Int = 0,
        isProvisional: Bool? = nil
    ) {
        self.status = status
        self.isStarting = isStarting
        self.isWanted = isWanted
        self.pid = pid
        self.pidStartTime = pidStartTime
        self.exitCode = exitCode
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.reason = reason
        self.oomKilled = oomKilled
        self.restartCount = restartCount
        self.isProvisional = isProvisional
    }

    /// Whether its process exists.
    package var isRunning: Bool { status == .running || status == .paused }
}
