import JSONRPC
import KenterProtocol
import Netlink

// reconcile
extension RoutedNetworks {
    func reconcile(_ request: ProviderReconcile) async throws -> ProviderReconcile.Result {
        var result = ProviderReconcile.Result()
        let isDry = request.dryRun ?? false
        // Links first, then what they join, then what holds that.
        let unnamedLinks = Set(links.keys).subtracting(request.linkIds).sorted()
        await clean(unnamedLinks, &result, isDry) { id in
            _ = try self.rules(ProviderNetworkRules(networkId: "", remove: [id]))
        }
        let unnamedAttachments = Set(attachments.keys).subtracting(request.attachmentIds).sorted()
        await clean(unnamedAttachments, &result, isDry) { id in
            _ = try await self.detach(ProviderNetworkDetach(attachmentId: id, networkId: ""))
        }
        let unnamedNetworks = Set(networks.keys).subtracting(request.networkIds).sorted()
        await clean(unnamedNetworks, &result, isDry) { id in
            _ = try self.remove(ProviderNetworkRemove(networkId: id))
        }
        if !isDry { result.errors += removeStrays() }
        if !isDry, networks.isEmpty {
            // An earlier process may have died before it took the table away.
            do { try filter.uninstall() } catch {
                result.errors.append(ProviderReconcile.Failure(id: names.filterTable, message: "\(error)"))
            }
        }
        result.missing = try missing(request)
        // What is left of them would be in the way when they are made again.
        for id in result.missing where !isDry {
            guard let lost = attachments[id] else { continue }
            do { try close(id, lost.device) } catch {
                result.errors.append(ProviderReconcile.Failure(id: id, message: "\(error)"))
            }
        }
        return result
    }

    private func clean(
        _ ids: [String], _ result: inout ProviderReconcile.Result, _ isDry: Bool,
        _ removal: (String) async throws -> Void
    ) async {
        for id in ids {
            do {
                if !isDry { try await removal(id) }
                result.removed.append(id)
            } catch {
                result.errors.append(ProviderReconcile.Failure(id: id, message: "\(error)"))
            }
        }
    }

    /// What the engine names and is not here, or not whole: it makes them again.
    private func missing(_ request: ProviderReconcile) throws -> [String] {
        let lostAttachments = try request.attachmentIds.filter { id in
            guard let attachment = attachments[id], let network = networks[attachment.request.networkId] else {
                return true
            }
            return try translating {
                try !ContainerDevice(attachment: attachment, network: network, routeTable: names.routeTable)
                    .isWhole(&routes)
            }
        }
        return request.networkIds.filter { networks[$0] == nil } + lostAttachments
            + request.linkIds.filter { links[$0] == nil }
    }

    /// Devices and routes of this root that no record explains: a plugin died between making and recording them.
    private func removeStrays() -> [ProviderReconcile.Failure] {
        var failures: [ProviderReconcile.Failure] = []
        do {
            let devices = Set(attachments.values.map(\.device))
            let strays = try routes.links().filter {
                $0.name.hasPrefix(names.devicePrefix) && !devices.contains($0.name)
            }
            for link in strays {
                do { try routes.deleteLink(index: link.index) } catch {
                    failures.append(ProviderReconcile.Failure(id: link.name, message: "\(error)"))
                }
            }
            let subnets = Set(networks.values.flatMap(\.subnets))
            let blackholes = try IPAddress.Family.allCases.flatMap { try routes.routes($0) }.filter { route in
                route.kind == .blackhole && route.metric == names.routeTable && !subnets.contains(route.destination)
            }
            for route in blackholes {
                do { try routes.deleteRoute(route) } catch {
                    failures.append(ProviderReconcile.Failure(id: "\(route.destination)", message: "\(error)"))
                }
            }
        } catch {
            failures.append(ProviderReconcile.Failure(id: names.devicePrefix, message: "\(error)"))
        }
        return failures
    }
}
