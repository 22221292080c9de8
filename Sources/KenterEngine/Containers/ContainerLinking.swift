import JSONRPC
import KenterProtocol
import KenterState

// Links of containers: each is a change of its consumer, so it waits for what else is done to that one.
extension ContainerService {
    func createLink(_ params: LinkCreate) async throws -> Link {
        let consumer = try find(params.consumer)
        return try await gate.enter(consumer.id) { try await links.create(params, consumer: consumer.id) }
    }

    func removeLink(_ params: LinkRemove) async throws -> Empty {
        let consumer = try find(params.consumer)
        try await gate.enter(consumer.id) { try await links.remove(consumer: consumer.id, alias: params.alias) }
        return Empty()
    }

    func planLinks(_ params: LinkPlanRequest) async throws -> LinkPlanRequest.Result {
        let presentations =
            switch params.subject {
            case .link(let link): [try await plan(link)]
            case .container(let container): try await plan(container)
            }
        let plans = presentations.map { presentation in
            var presentation = presentation
            presentation.showsSecrets = params.showSecrets ?? false
            return presentation.object
        }
        return LinkPlanRequest.Result(plans: plans)
    }

    private func plan(_ link: LinkCreate) async throws -> LinkPresentation {
        let prospect = try await links.plan(try LinkSpecification(link), consumer: link.consumer)
        let planned = PlannedLink(link: prospect.state.link, source: prospect.state.source, plan: prospect.plan)
        let consumer = prospect.state.consumer
        return LinkPresentation(
            planned, consumer: consumer.name, ownEnv: consumer.definition.imageEnv + consumer.definition.ownEnv)
    }

    /// Links of a container that does not exist, and whose image need not be there.
    private func plan(_ params: ContainerCreate) async throws -> [LinkPresentation] {
        // Without a name it would be given one that nobody knows before.
        let name = try params.name.map { try ContainerName.check($0) } ?? "unnamed"
        let (places, image) = try store.read { transaction in
            if params.name != nil { try Self.checkFree(name, transaction) }
            // A plan without the image's own variables is one, too.
            let image = try? ImageService.find(params.image, transaction)
            return (try NetworkModeResolution(transaction).places(of: params), image)
        }
        let consumer = LinkConsumer(
            id: String(repeating: "0", count: 64), name: name, hostname: params.hostname ?? name,
            network: places.mode, furtherNetworks: places.further)
        let planned = try await links.plan(try LinkSpecification.parse(params.links ?? []), consumer)
        let ownEnv = (image?.config.env ?? []) + (params.env ?? [])
        return planned.map { LinkPresentation($0, consumer: name, ownEnv: ownEnv) }
    }
}
