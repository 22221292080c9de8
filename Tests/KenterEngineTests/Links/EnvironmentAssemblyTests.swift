import JSONRPC
import KenterEngine
import KenterProtocol
import TestSupport
import Testing

struct EnvironmentAssemblyTests {
    private func variables(_ assignments: [String]) -> [LinkVariable] {
        assignments.map { assignment in
            let name = assignment.prefix { $0 != "=" }
            return LinkVariable(name: String(name), value: String(assignment.dropFirst(name.count + 1)))
        }
    }

    @Test(arguments: LinkVector.all(of: "merge"))
    func `the consumer's own variables win as in the vector`(vector: LinkVector) {
        let environment = EnvironmentAssembly(
            hostname: "h", linkVariables: variables(vector.json["link_env"].strings),
            ownEnv: vector.json["own_env"].strings
        ).assembled()
        for member in vector.json["expect_value"].object?.members ?? [] {
            let name = member.name
            #expect(environment.filter { $0.hasPrefix("\(name)=") } == ["\(name)=\(member.value.string ?? "")"])
        }
    }

    @Test func `every merge vector is read`() { #expect(LinkVector.all(of: "merge").count == 1) }

    @Test func `the order is PATH, HOSTNAME, TERM, links, image and own, HOME`() {
        let environment = EnvironmentAssembly(
            hostname: "web", hasTerminal: true,
            linkVariables: variables(["DB_PORT=tcp://1.2.3.4:80", "DB_NAME=/web/db"]),
            imageEnv: ["LANG=C"], ownEnv: ["ZED=z"], home: "/root")
        #expect(
            environment.assembled() == [
                "PATH=\(EnvironmentAssembly.defaultPath)", "HOSTNAME=web", "TERM=xterm", "DB_PORT=tcp://1.2.3.4:80",
                "DB_NAME=/web/db", "LANG=C", "ZED=z", "HOME=/root",
            ])
    }

    @Test func `a later value takes the place of the first`() {
        let environment = EnvironmentAssembly(
            hostname: "web", linkVariables: variables(["DB_PORT=link", "DB_NAME=link", "DB_ENV_X=link"]),
            imageEnv: ["PATH=/image", "DB_NAME=image", "HOME=/image"], ownEnv: ["DB_PORT=mine", "Z=1", "DB_NAME=mine"],
            execEnv: ["DB_PORT=exec"], home: "/root")
        #expect(
            environment.assembled() == [
                "PATH=/image", "HOSTNAME=web", "DB_PORT=exec", "DB_NAME=mine", "DB_ENV_X=link", "HOME=/image", "Z=1",
            ])
    }

    @Test func `a name without value removes the variable, whoever sets it`() {
        let environment = EnvironmentAssembly(
            hostname: "web", linkVariables: variables(["DB_PORT=link", "DB_NAME=link"]), imageEnv: ["LANG=C"],
            ownEnv: ["DB_PORT", "LANG", "UNKNOWN"])
        #expect(
            environment.assembled() == [
                "PATH=\(EnvironmentAssembly.defaultPath)", "HOSTNAME=web", "DB_NAME=link",
            ])
    }

    @Test func `a removed HOME is filled in again, an empty one is not`() {
        #expect(EnvironmentAssembly(hostname: "h", ownEnv: ["HOME="], home: "/root").assembled().contains("HOME="))
        #expect(EnvironmentAssembly(hostname: "h", ownEnv: ["HOME"], home: "/root").assembled().contains("HOME=/root"))
    }

    @Test func `one variable of 128 KiB is refused by name, one byte less is not`() throws {
        let fits = "BIG=" + String(repeating: "x", count: (128 << 10) - 5)
        try EnvironmentAssembly.checkSize([fits], arguments: ["sh"], container: "web", stackLimitBytes: 8 << 20)
        let error = #expect(throws: RPCError.self) {
            try EnvironmentAssembly.checkSize(
                ["A=1", fits + "x"], arguments: ["sh"], container: "web", stackLimitBytes: 8 << 20)
        }
        #expect(error?.kind == .precondition)
        #expect(
            error?.message == "the environment of web is too large: the kernel takes less than 131072 bytes in one "
                + "variable; the largest variables: BIG (131072 bytes)")
    }

    @Test func `more than a quarter of the stack limit is refused with the largest names`() throws {
        let environment = (0..<30).map { "V\($0)=" + String(repeating: "x", count: 70_000 + $0) }
        try EnvironmentAssembly.checkSize(
            environment, arguments: [], container: "web", stackLimitBytes: UInt64.max)
        let error = #expect(throws: RPCError.self) {
            try EnvironmentAssembly.checkSize(environment, arguments: [], container: "web", stackLimitBytes: 8 << 20)
        }
        #expect(
            error?.message.hasSuffix("the largest variables: V29 (70033 bytes), V28 (70032 bytes), V27 (70031 bytes)")
                == true)
        #expect(error?.message.contains("the kernel takes 2097152") == true)
    }
}
