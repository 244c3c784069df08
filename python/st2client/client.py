"""`Client(api_url=..., token=...)`: one manager per kind of thing. Address and token default to those of the run."""

from petrel_host.api import Api
from st2client import managers, models

__all__ = ["Client"]

#: The client's attribute, what it holds, and how that is managed.
KINDS = (
    ("actions", models.Action, managers.ResourceManager),
    ("actionaliases", models.ActionAlias, managers.ActionAliasManager),
    ("actionaliasexecutions", models.ActionAliasExecution, managers.ActionAliasExecutionManager),
    ("apikeys", models.ApiKey, managers.ResourceManager),
    ("config", models.Config, managers.ConfigManager),
    ("config_schema", models.ConfigSchema, managers.ResourceManager),
    ("executions", models.Execution, managers.ExecutionManager),
    ("liveactions", models.LiveAction, managers.ExecutionManager),
    ("inquiries", models.Inquiry, managers.InquiryManager),
    ("keys", models.KeyValuePair, managers.KeyManager),
    ("packs", models.Pack, managers.PackManager),
    ("policies", models.Policy, managers.ResourceManager),
    ("policytypes", models.PolicyType, managers.ResourceManager),
    ("rules", models.Rule, managers.ResourceManager),
    ("ruleenforcements", models.RuleEnforcement, managers.ResourceManager),
    ("runners", models.RunnerType, managers.ResourceManager),
    ("sensors", models.Sensor, managers.ResourceManager),
    ("timers", models.Timer, managers.ResourceManager),
    ("tokens", models.Token, managers.TokenManager),
    ("trace", models.Trace, managers.ResourceManager),
    ("triggers", models.Trigger, managers.ResourceManager),
    ("triggerinstances", models.TriggerInstance, managers.TriggerInstanceManager),
    ("triggertypes", models.TriggerType, managers.ResourceManager),
    ("webhooks", models.Webhook, managers.WebhookManager),
)


class Client(object):
    def __init__(self, base_url=None, auth_url=None, api_url=None, stream_url=None, api_version=None, cacert=None,
                 debug=False, token=None, api_key=None, basic_auth=None):
        self.api = Api(url=api_url, token=token, api_key=api_key)
        self.token = self.api.token
        self.endpoints = {"base": base_url, "api": self.api.url, "auth": auth_url, "stream": stream_url}
        self.managers = {}
        for name, kind, manager in KINDS:
            made = manager(self.api, kind)
            self.managers[kind.__name__] = made
            setattr(self, name, made)
        self.managers["Stream"] = self.stream = managers.StreamManager(self.api)
        self.managers["Workflow"] = self.workflows = managers.WorkflowManager(self.api)
        # What executions were called of old.
        self.managers["ActionExecution"] = self.executions

    def get_user_info(self):
        return self.api.call("GET", "/user")
