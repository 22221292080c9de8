import JSONRPC
import KenterClient
import KenterCompose
import KenterProtocol

/// A project and the engine that runs it.
struct ComposeSession {
    let client: EngineClient
    let project: ComposeProject

    /// The project's containers, newest first.
    func containers() async throws -> [ContainerSummary] {
        let request = ContainerList(all: true, labels: ["\(ComposeLabel.project)=\(project.name)"])
        let params = try JSONValueEncoder().encodeObject(request)
        return try Listing.decode(try await Listing.all(client, ContainerList.name, "containers", params))
    }

    /// The containers of services, in the order in which those start; what was started once beside them is left out.
    func containers(of services: [ComposeService]) async throws -> [ContainerSummary] {
        let all = try await containers().filter { $0.labels[ComposeLabel.oneoff] != "True" }
        return services.flatMap { service in all.filter { $0.labels[ComposeLabel.service] == service.name } }
    }

    static func isUp(_ container: ContainerSummary) -> Bool { isUp(container.state) }

    static func isUp(_ status: ContainerStatus) -> Bool { [.running, .paused, .restarting].contains(status) }

    func existing() async throws -> [ComposePlan.Existing] {
        var images: [String: String?] = [:]
        var found: [ComposePlan.Existing] = []
        for container in try await containers() where container.labels[ComposeLabel.oneoff] != "True" {
            if images[container.image] == nil {
                // An image that is gone is no reason to replace a container that has it.
                images[container.image] = .some(try? await client.call(ImageInspect(image: container.image)).id)
            }
            guard let inspected = try await inspect(container.id) else { continue }
            let current = images[container.image] ?? nil
            found.append(
                ComposePlan.Existing(
                    id: container.id, name: container.name,
                    service: container.labels[ComposeLabel.service] ?? "",
                    hash: container.labels[ComposeLabel.hash] ?? "",
                    isRunning: Self.isUp(container),
                    isImageCurrent: current == nil || current == inspected.imageId))
        }
        return found
    }

    /// `nil` when there is no such container any more.
    func inspect(_ id: String) async throws -> Container? {
        do {
            return try await client.call(ContainerInspect(container: id))
        } catch let error as RPCError where error.kind == .notFound {
            return nil
        }
    }

    static func tell(_ kind: String, _ name: String, _ done: String) {
        Output.errorLine(" \(kind) \(TerminalText.escaped(name))  \(done)")
    }

    /// Stops the containers of services, consumers before their sources, and goes on past those that fail.
    func stop(_ services: [ComposeService], timeoutSeconds: Int? = nil) async throws {
        var outcomes = Outcomes()
        await outcomes.each(try await containers(of: services).reversed()) { container in
            _ = try await client.call(ContainerStop(container: container.id, timeoutSeconds: timeoutSeconds))
            Self.tell("Container", container.name, "Stopped")
        }
        try outcomes.finish()
    }

    /// Kills the containers of services that run.
    func kill(_ services: [ComposeService]) async throws {
        let running = try await containers(of: services).filter { [.running, .paused].contains($0.state) }
        if running.isEmpty { return }
        _ = try await client.call(ContainerKill(containers: running.map(\.id)))
    }

    /// Stops and removes a container, whatever it does; with `volumes`, its unnamed ones, too. One that is gone meanwhile,
    /// as when an `up` was killed that had begun to remove it, is as good as removed.
    func remove(_ id: String, name: String, volumes: Bool, timeoutSeconds: Int? = nil) async throws {
        do {
            _ = try await client.call(ContainerStop(container: id, timeoutSeconds: timeoutSeconds))
            _ = try await client.call(ContainerRemove(container: id, force: true, volumes: volumes))
        } catch let error as RPCError where error.kind == .notFound {
            // There is nothing left to do.
        }
        Self.tell("Container", name, "Removed")
    }
}
