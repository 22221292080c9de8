import JSONRPC
import KenterProtocol

/// This root's table in the kernel and what is known to be in it.
struct PacketFilter: ~Copyable {
    private let context: NftablesContext
    private let ruleset: Ruleset
    private var ledger = ElementLedger()
    /// How the kernel lists the table without its elements, when it is whole; `nil` while there is to be none.
    private var listing: String?

    /// Works in the network namespace of the calling thread.
    init(names: HostNames) throws(NftablesError) {
        context = try NftablesContext()
        ruleset = Ruleset(names: names)
    }

    var isInstalled: Bool { listing != nil }

    /// Makes the difference in one transaction, in the table if there is one, and returns it.
    ///
    /// Where the kernel's table is not what it should be, it is made anew with the change in it. After an error nothing
    /// has changed.
    mutating func apply(_ changes: ElementLedger.Changes) throws(RPCError) -> FilterTransaction {
        let transaction = ledger.transaction(changes)
        guard !transaction.isEmpty, isInstalled else {
            ledger.record(changes)
            return transaction
        }
        do {
            try context.run(transaction.script(table: ruleset.names.filterTable))
            ledger.record(changes)
        } catch {
            var next = ledger
            next.record(changes)
            try install(next)
        }
        return transaction
    }

    /// Puts the whole table into the kernel, in place of whatever is there.
    mutating func install() throws(RPCError) { try install(ledger) }

    private mutating func install(_ next: ElementLedger) throws(RPCError) {
        do {
            try context.run(ruleset.installation(next.elements))
            listing = try context.run(listCommand)
            ledger = next
        } catch { throw RPCError(.io, error.description) }
    }

    /// Takes the table away.
    mutating func uninstall() throws(RPCError) {
        do {
            try context.run(ruleset.removal)
            listing = nil
        } catch { throw RPCError(.io, error.description) }
    }

    /// Whether the kernel still has every set, chain and rule.
    func isWhole() -> Bool {
        // A table that cannot be listed is not there.
        guard let listing, let now = try? context.run(listCommand) else { return false }
        return now == listing
    }

    /// Runs a listing and returns its JSON text; `nil` where nftables refuses.
    func list(_ what: String) -> String? {
        // What cannot be listed has nothing to tell.
        try? context.run("list \(what)", json: true)
    }

    private var listCommand: String { "list table inet \(ruleset.names.filterTable)" }
}
