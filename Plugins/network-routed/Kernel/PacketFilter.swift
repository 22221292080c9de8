import JSONRPC
import KenterProtocol
import Netlink

/// This root's table in the kernel and what is known to be in it.
struct PacketFilter: ~Copyable {
    private let context: NftablesContext
    private var socket: PacketFilterSocket
    private let ruleset: Ruleset
    private var ledger = ElementLedger()
    /// The kernel's description of the table when it was made; `nil` while there is to be none.
    private var whole: [[UInt8]]?
    /// The generation at which the table was last known to be whole, through own transactions only.
    private var knownGeneration: UInt32?
    /// What others' tables did at that generation; `nil` when not looked at since.
    private var knownBlocks: [ProviderNetworkCheck.ForeignBlock]?

    /// Works in the network namespace of the calling thread.
    init(names: HostNames) throws {
        let opened = try NftablesContext()
        socket = try PacketFilterSocket()
        context = opened
        ruleset = Ruleset(names: names)
    }

    var isInstalled: Bool { whole != nil }

    /// Makes the difference in one transaction, in the table if there is one, and returns it.
    ///
    /// Where the kernel's table is not what it should be, it is made anew with the change in it. After an error nothing
    /// has changed.
    mutating func apply(_ changes: ElementLedger.Changes) throws -> FilterTransaction {
        let transaction = ledger.transaction(changes)
        guard !transaction.isEmpty, isInstalled else {
            ledger.record(changes)
            return transaction
        }
        do {
            try commit(transaction.script(table: ruleset.names.filterTable))
            ledger.record(changes)
        } catch is NftablesError {
            var next = ledger
            next.record(changes)
            try install(next)
        }
        return transaction
    }

    /// Puts the whole table into the kernel, in place of whatever is there.
    mutating func install() throws { try install(ledger) }

    private mutating func install(_ next: ElementLedger) throws {
        do {
            try commit(ruleset.installation(next.elements))
            whole = try socket.rules(ofTable: ruleset.names.filterTable)
            ledger = next
        } catch let error as NftablesError { throw RPCError(.io, error.description) }
    }

    /// Takes the table away.
    mutating func uninstall() throws {
        do {
            try commit(ruleset.removal)
            whole = nil
        } catch let error as NftablesError { throw RPCError(.io, error.description) }
    }

    /// Runs a transaction; what was known before it still holds when nobody else's came in between.
    private mutating func commit(_ script: String) throws {
        let before = try socket.generation()
        try context.run(script)
        let after = try socket.generation()
        knownGeneration = before == knownGeneration && after == before &+ 1 ? after : nil
    }

    /// Whether the kernel still has every chain and rule (and so every set), and no others in the table.
    mutating func isWhole() throws -> Bool {
        let now = try socket.generation()
        if now == knownGeneration { return true }
        knownBlocks = nil
        guard try socket.rules(ofTable: ruleset.names.filterTable) == whole ?? [] else { return false }
        knownGeneration = now
        return true
    }

    /// Tables of others that drop forwarded packets of these families.
    mutating func foreignBlocks(_ families: Set<IPAddress.Family>) throws -> [ProviderNetworkCheck.ForeignBlock] {
        if let knownBlocks, try socket.generation() == knownGeneration { return knownBlocks }
        let firewalls = ForeignFirewalls(names: ruleset.names, families: families)
        let blocks = try socket.baseChains().filter(firewalls.isSuspect).compactMap { chain in
            // A table that cannot be listed, or is gone by now, has nothing to tell.
            (try? context.run("list table \(chain.family) \(chain.table)", json: true))
                .flatMap { firewalls.block(chain, inTable: $0) }
        }
        knownBlocks = blocks
        return blocks
    }
}
