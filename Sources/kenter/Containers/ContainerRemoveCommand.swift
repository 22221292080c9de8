import ArgumentParser
import JSONRPC
import KenterClient
import KenterProtocol

struct ContainerRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove containers, or links.", aliases: ["remove"])

    @OptionGroup var engine: EngineOptions
    @Flag(name: [.customShort("f"), .long], help: "Kill it first where it runs; a missing one is no error.")
    var force = false
    @Flag(name: [.customShort("v"), .long], help: "Remove its unnamed volumes as well.") var volumes = false
    @Flag(name: [.long, .customShort("l")], help: "Remove the link of that name (consumer/alias), not a container.")
    var link = false
    @Argument var containers: [String]

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
        _ = try await client.call(LinkRemove(consumer: path.consumer, alias: path.alias))
        Output.line(TerminalText.escaped(name))
    }
}
