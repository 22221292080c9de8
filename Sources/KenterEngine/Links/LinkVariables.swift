package import JSONRPC
package import KenterProtocol

/// The variables of all links of one consumer.
package enum LinkVariables {
    /// In the order of the links; a variable that several links set to one value stands once.
    ///
    /// Fails with `conflict`, naming both links, where two set one variable to different values.
    package static func merged(
        _ plans: [(alias: String, plan: LinkPlan)], consumer: String
    ) throws(RPCError) -> [LinkVariable] {
        var variables: [LinkVariable] = []
        var setBy: [String: (alias: String, value: String)] = [:]
        for (alias, plan) in plans {
            for variable in plan.env {
                if let other = setBy[variable.name] {
                    guard other.value == variable.value else {
                        throw LinkRefusal.conflict(variable.name, other.alias, alias, consumer: consumer)
                    }
                } else {
                    setBy[variable.name] = (alias, variable.value)
                    variables.append(variable)
                }
            }
        }
        return variables
    }

    /// With the values of those that look secret left out, as they may be shown.
    package static func masked(_ variables: [LinkVariable]) -> [LinkVariable] {
        variables.map { variable in
            guard variable.sensitive == true else { return variable }
            var variable = variable
            variable.value = "******"
            return variable
        }
    }
}
