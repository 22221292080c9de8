import JSONRPC
import KenterClient
import KenterProtocol

struct LinkPlanCommand: Command {
    static let abstract = "Show what links would bring, without making anything."
    static let discussion = """
        For a container that exists: kenter link plan web mysqldb:mysql,env=safe \
        For one that does not, with the options of run: kenter link plan --link mysqldb:mysql --name web wordpress
        """

    let engine: EngineOptions
    let options: ContainerOptions
    let form: LinkReportForm

    init(_ arguments: inout ArgumentReader) throws(CommandFailure) {
        engine = try EngineOptions(&arguments)
        form = LinkReportForm(&arguments)
        options = try ContainerOptions(&arguments)
    }

    func run() async throws {
        let client = try await engine.connect()
        if !options.link.isEmpty {
            return try form.show(try await plans(.container(try options.request()), form, client))
        }
        // Options end at the first operand, as for run; these two may also come last.
        let form = form.with(options.imageAndCommand)
        let operands = options.imageAndCommand.filter { !LinkReportForm.flags.contains($0) }
        if let flag = operands.first(where: { $0.hasPrefix("-") }) { throw CommandFailure("unknown flag: \(flag)") }
        guard operands.count > 1 else {
            throw CommandFailure("name a container and its links, or give links with --link", helpCommand: "link plan")
        }
        var plans: [JSONValue] = []
        for text in operands.dropFirst() {
            let link = LinkCreate(consumer: operands[0], source: text)
            plans += try await self.plans(.link(link), form, client)
        }
        try form.show(plans)
    }

    private func plans(
        _ subject: LinkPlanRequest.Subject, _ form: LinkReportForm, _ client: EngineClient
    ) async throws -> [JSONValue] {
        let params = try JSONValueEncoder().encodeObject(
            LinkPlanRequest(subject, showSecrets: form.showsSecrets ? true : nil))
        return try await client.call(LinkPlanRequest.name, params)["plans"]?.array ?? []
    }
}
