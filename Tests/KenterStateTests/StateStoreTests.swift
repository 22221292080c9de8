import Glibc
import JSONRPC
import KenterProtocol
import KenterState
import Testing

final class StateStoreTests {
    let directory: String
    let store: StateStore

    init() throws {
        var template = Array("/tmp/kenter-state-XXXXXX".utf8CString)
        directory = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) } ?? ""
        }
        store = try StateStore(path: directory + "/state.db")
    }

    deinit {
        for name in ["state.db", "state.db-wal", "state.db-shm"] { unlink("\(directory)/\(name)") }
        rmdir(directory)
    }

    @Test func aDatabaseThatOthersCouldOpenIsClosedToThem() throws {
        let path = directory + "/state.db"
        for file in [path, path + "-wal", path + "-shm"] { #expect(chmod(file, 0o644) == 0) }
        _ = try StateStore(path: path)
        for file in [path, path + "-wal", path + "-shm"] {
            var status = stat()
            #expect(stat(file, &status) == 0 && status.st_mode & 0o777 == 0o600, "\(file)")
        }
    }

    private func container(_ id: String, _ name: String) -> ContainerRecord {
        let config = Container.Configuration(
            user: "", workdir: "/", hostname: "h", tty: false, stdinOpen: false, stopSignal: "SIGTERM",
            stopTimeoutSeconds: 10, readOnly: false, privileged: false, autoRemove: false)
        return ContainerRecord(
            id: id, name: name, createdAt: .now,
            definition: ContainerDefinition(
                image: "busybox", imageId: "sha256:1", layers: [], config: config, publishesAll: false,
                ownEnv: [], imageEnv: [],
                network: .none, publish: [], publishAsGiven: [], hostPorts: [], mounts: [],
                restart: RestartPolicy(policy: .no), resources: Resources()),
            state: ContainerState(status: .created))
    }

    @Test func aTransactionThatThrowsLeavesNothing() throws {
        struct Refused: Error {}
        #expect(throws: Refused.self) {
            try store.write { transaction in
                try transaction.insert(container("aa", "web"))
                _ = try transaction.append(event: "container.created", id: "aa", name: "web")
                throw Refused()
            }
        }
        #expect(try store.read { try $0.containers().isEmpty })
        #expect(try store.read { try $0.eventRange().last } == 0)
    }

    @Test func whatATransactionWroteAndUndidIsNotRead() throws {
        struct Refused: Error {}
        var record = container("aa", "web")
        try store.write { try $0.insert(record) }
        record.state.status = .running
        let running = record.state
        #expect(throws: Refused.self) {
            try store.write { transaction in
                try transaction.setState(running, ofContainer: "aa")
                #expect(try transaction.container(id: "aa")?.state.status == .running)
                throw Refused()
            }
        }
        #expect(try store.read { try $0.container(id: "aa")?.state.status } == .created)
    }

    @Test func linksThatCarryAnOldNameAreFound() throws {
        try store.write { transaction in
            try transaction.insert(container("b", "web"))
            for (id, name) in [("1", "db"), ("2", "old")] {
                try transaction.save(
                    LinkRecord(
                        id: id, consumerId: "b", position: 0, alias: "x\(id)", sourceId: "a", sourceName: name,
                        provider: "link-legacy", options: [:], rebindsByName: false))
            }
        }
        #expect(try store.read { try $0.links(toSource: "a", notNamed: "db").map(\.id) } == ["2"])
    }

    @Test func aContainerComesBackAsItWasSaved() throws {
        var record = container("aabb", "web")
        try store.write { try $0.insert(record) }
        record.state.status = .running
        record.state.pid = 42
        try store.write { try $0.setState(record.state, ofContainer: "aabb") }
        let reopened = try StateStore(path: directory + "/state.db")
        let found = try #require(try reopened.read { try $0.container(named: "web") })
        #expect(found.id == "aabb" && found.state.pid == 42 && found.createdAt == record.createdAt)
        #expect(try store.read { try $0.containerIDs(prefix: "aa") } == ["aabb"])
        #expect(try store.read { try $0.containerIDs(prefix: "ab") }.isEmpty)
    }

    @Test func removingAConsumerRemovesItsLinksAndKeepsThoseToIt() throws {
        try store.write { transaction in
            try transaction.insert(container("a", "db"))
            try transaction.insert(container("b", "web"))
            try transaction.insert(container("c", "proxy"))
            for (id, consumer, source) in [("1", "b", "a"), ("2", "c", "b")] {
                try transaction.save(
                    LinkRecord(
                        id: id, consumerId: consumer, position: 0, alias: "x", sourceId: source, sourceName: "n",
                        provider: "link-legacy", options: [:], rebindsByName: false))
            }
            try transaction.deleteContainer(id: "b")
        }
        #expect(try store.read { try $0.links().map(\.id) } == ["2"])
    }

    @Test func eventNumbersGrowAndTheJournalIsBounded() throws {
        let last = try store.write { transaction in
            var seq: Int64 = 0
            for _ in 0..<(Transaction.journalEvents + 5) {
                seq = try transaction.append(event: "container.started", id: "a", name: nil).seq
            }
            return seq
        }
        let range = try store.read { try $0.eventRange() }
        #expect(range.last == last && range.last - range.first + 1 == Transaction.journalEvents)
        #expect(try store.read { try $0.events(after: last - 2, limit: 10) }.map(\.seq) == [last - 1, last])
    }

    /// Released addresses of containers that are gone are forgotten after a thousand others; no others are.
    @Test func anAddressIsNotRememberedForEver() throws {
        try store.write { transaction in
            try transaction.save(
                NetworkRecord(
                    id: "n", name: "n", provider: "p", spec: NetworkSpecification(subnet: "10.0.0.0/8"), createdAt: .now
                ))
            try transaction.insert(container("stays", "stays"))
            for number in 0..<1200 {
                let owner = number == 0 ? "stays" : "gone\(number)"
                let address = "10.0.\(number / 250).\(number % 250 + 1)"
                try transaction.take(address: address, onNetwork: "n", forContainer: owner)
                if number == 1 { continue }
                try transaction.release(
                    ContainerAddresses(ipv4: address), onNetwork: "n", at: Timestamp(nanoseconds: Int64(number + 1)))
            }
        }
        let kept = try store.read { try $0.addresses(onNetwork: "n") }
        #expect((1000...1003).contains(kept.count))
        for owner in ["stays", "gone1", "gone1199"] { #expect(kept.contains { $0.containerId == owner }, "\(owner)") }
    }
}
