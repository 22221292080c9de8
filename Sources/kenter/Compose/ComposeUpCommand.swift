import KenterClient
import KenterCompose
import KenterProtocol

struct ComposeUpCommand: Command {
    static let abstract = "Bring a project up: make and start what is missing or has changed, leave the rest alone."

    let engine: EngineOptions
    let compose: ComposeOptions
    let detach: Bool
    let forcesNew: Bool
    let removesOrphans: Bool
    let services: [String]

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        compose = try ComposeOptions(&arguments)
        detach = arguments.flag("detach", "d", "Leave it running in the background.")
        forcesNew = arguments.flag("force-recreate", "Make every container anew, changed or not.")
        removesOrphans = arguments.flag("remove-orphans", "Remove containers of services that the file has no more.")
        services = arguments.operands("SERVICE", atLeast: 0)
    }

    func run() async throws {
        let begin = Timestamp.now
        let project = try await compose.project(named: services)
        let wanted = project.withDependencies(try project.services(named: services))
        let session = ComposeSession(client: try await engine.connect(), project: project)
        if detach { return try await bringUp(session) }
        try await Interruption.during {
            try await bringUp(session)
            try await ComposeLogs(session, since: begin.description).follow(wanted.map(\.name))
        } interrupted: {
            Output.errorLine("Stopping; ctrl-c once more kills")
            try await session.stop(wanted)
        } again: {
            try await session.kill(wanted)
        }
    }

    private func bringUp(_ session: ComposeSession) async throws {
        try await ComposeResources(session).make()
        let plan = ComposePlan(
            session.project, existing: try await session.existing(), services: Set(services), forcesNew: forcesNew)
        try await handle(plan.orphans, session)
        for (name, action) in plan.actions {
            guard let service = session.project.service(name) else { continue }
            try await ComposeStart(session, service).perform(action)
        }
    }

    private func handle(_ orphans: [ComposePlan.Existing], _ session: ComposeSession) async throws {
        var outcomes = Outcomes()
        await outcomes.each(orphans) { orphan in
            if removesOrphans {
                try await session.remove(orphan.id, name: orphan.name, volumes: false)
            } else {
                Output.errorLine(
                    "WARNING: there is a container of the service \(TerminalText.escaped(orphan.service)), which this file "
                        + "does not have: --remove-orphans removes it")
            }
        }
        try outcomes.finish()
    }
}
