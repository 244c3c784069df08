import type { Route } from '../route.ts';
import type { ApiServices } from '../services.ts';
import { actionRoutes } from './actions.ts';
import { aliasRoutes } from './aliases.ts';
import { apiKeyRoutes } from './api-keys.ts';
import { auditRoutes } from './audit.ts';
import { configRoutes } from './configs.ts';
import { executionDetailRoutes } from './execution-details.ts';
import { executionRoutes } from './executions.ts';
import { inquiryRoutes } from './inquiries.ts';
import { keyRoutes } from './keys.ts';
import { packOperationRoutes } from './pack-operations.ts';
import { packRoutes } from './packs.ts';
import { policyRoutes } from './policies.ts';
import { rbacRoutes } from './rbac.ts';
import { resourceRoutes } from './resources.ts';
import { ruleEnforcementRoutes } from './ruleenforcements.ts';
import { ruleRoutes } from './rules.ts';
import { runnerTypeRoutes } from './runnertypes.ts';
import { sensorRoutes } from './sensors.ts';
import { serviceRegistryRoutes } from './service-registry.ts';
import { traceRoutes } from './traces.ts';
import { triggerInstanceRoutes } from './triggerinstances.ts';
import { triggerRoutes } from './triggers.ts';
import { triggerTypeRoutes } from './triggertypes.ts';
import { userRoutes } from './user.ts';
import { workflowRoutes } from './workflows.ts';

/** The routes of the API, in the order in which the documents show them. */
export function apiRoutes(services: ApiServices): readonly Route[] {
  return [
    ...executionRoutes(services),
    ...executionDetailRoutes(services),
    ...inquiryRoutes(services),
    ...actionRoutes(services),
    ...runnerTypeRoutes(services),
    ...workflowRoutes(services),
    ...ruleRoutes(services),
    ...ruleEnforcementRoutes(services),
    ...triggerTypeRoutes(services),
    ...triggerInstanceRoutes(services),
    ...triggerRoutes(services),
    ...sensorRoutes(services),
    ...packRoutes(services),
    ...packOperationRoutes(services),
    ...configRoutes(services),
    ...policyRoutes(services),
    ...aliasRoutes(services),
    ...keyRoutes(services),
    ...traceRoutes(services),
    ...resourceRoutes(services),
    ...serviceRegistryRoutes(services),
    ...userRoutes(services),
    ...apiKeyRoutes(services),
    ...rbacRoutes(services),
    ...auditRoutes(services),
  ];
}
