/// Where a container is in its life.
public enum ContainerStatus: String, Codable, Sendable, CaseIterable {
    /// Made, never started.
    case created
    case running
    case paused
    /// Exited; its restart policy will start it again.
    case restarting
    case exited
    /// Being removed.
    case removing
}
