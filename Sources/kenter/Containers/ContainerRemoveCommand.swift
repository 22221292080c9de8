import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerRemoveCommand: Command {
    static let abstract = "Remove containers, or links."

    let engine: EngineOptions
    let force: Bool
    let volumes: Bool
    let link: Bool
    let containers: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        force = arguments.flag("force", "f", "Kill it first where it runs; a missing one is no error.")
        volumes = arguments.flag("volumes", "v", "Remove its unnamed volumes as well.")
        link = arguments.flag("link", "l", "Remove the link of that name (consumer/alias), not a container.")
        containers = arguments.operands("CONTAINER")
    }

    func run() async throws {
        let client = try await engine.connect()
        try await Outcomes.each(containers) { name in
            if link { try await removeLink(client, name) } else { try await remove(client, name) }
        }
    }

    private func remove(_ client: EngineClient, _ name: String) async throws {
        let request = ContainerRemove(container: name, force: force ? true : nil, volumes: volumes ? true : nil)
        do {
            _ = try await client.call(request)
            Output.line(TerminalText.escaped(name))
        } catch let error as RPCError where force && error.kind == .notFound {
            Output.errorLine("kenter: \(TerminalText.escaped(error.message))")
        }
    }

    private func removeLink(_ client: EngineClient, _ name: String) async throws {
        guard let path = LinkPath(name) else {
            // Docker's answer, unless there is no such container at all.
            _ = try await client.call(ContainerInspect(container: name))
            throw CommandFailure("Conflict, cannot remove the default link name of the container")
        }
        do {
            _ = try await client.call(LinkRemove(consumer: path.consumer, alias: path.alias))
        } catch let error as RPCError where error.kind == .notFound {
            // Docker's text for what is a container's name to it.
            throw CommandFailure("No such container: \(path.consumer)/\(path.alias)")
        }
        Output.line(TerminalText.escaped(name))
    }
}
