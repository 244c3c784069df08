/**
 * What kubectl does with a cluster, command by command, and what it prints: written from what real clusters do, and run in order against
 * the sandbox and, where one is there, a real API server. `kubectl` is bound to the namespace `conf`.
 */
export interface Step {
  /** A line for the shell. */
  readonly run: string;
  readonly input?: string;
  /** The whole standard output (text) or a part of it (pattern). */
  readonly out?: string | RegExp;
  /** A part of what is said on standard error. */
  readonly err?: RegExp;
  /** The exit code; 0 unless said. */
  readonly code?: number;
  /** Only where pods have logs and run commands: no kubelet comes with a bare API server. */
  readonly needs?: 'kubelet';
  /** Kubernetes 1.N or newer. */
  readonly since?: number;
  /** True a while after the step before it: a real server takes its time to describe a new kind in its OpenAPI. */
  readonly late?: true;
}

const CONFIG = `apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: shop}}
data: {color: blue, size: "3"}
`;

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app: shop}}
spec:
  replicas: 2
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: web, image: "nginx:1.25", ports: [{containerPort: 80}]}]}
`;

const WIDGETS = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: widgets, singular: widget, kind: Widget, shortNames: [wd]}
  versions:
  - name: v1
    served: true
    storage: true
    subresources: {status: {}, scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}}
    additionalPrinterColumns: [{name: Color, type: string, jsonPath: .spec.color}]
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            required: [color]
            properties:
              color: {type: string, description: What it looks like., enum: [red, green]}
              replicas: {type: integer, default: 1, minimum: 0}
          status: {type: object, properties: {replicas: {type: integer}, phase: {type: string}}}
`;

const widget = (name: string, color: string, more = '') =>
  `apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: ${name}}\nspec: {color: ${color}${more}}\n`;

const discovery: readonly Step[] = [
  { run: 'kubectl version -o json', out: /"serverVersion"/ },
  { run: 'kubectl get --raw /readyz', out: 'ok' },
  { run: 'kubectl api-versions', out: /^apps\/v1$/m },
  { run: 'kubectl api-versions', out: /^rbac\.authorization\.k8s\.io\/v1$/m },
  {
    run: 'kubectl api-resources --api-group=apps -o name --sort-by=name',
    out: 'controllerrevisions.apps\ndaemonsets.apps\ndeployments.apps\nreplicasets.apps\nstatefulsets.apps\n',
  },
  { run: 'kubectl api-resources --namespaced=false', out: /^namespaces +ns +v1 +false +Namespace$/m },
  {
    run: 'kubectl api-resources --verbs=list -o wide',
    out: /^pods +po +v1 +true +Pod +create,delete,deletecollection,get,list,patch,update,watch +all$/m,
  },
  { run: 'kubectl explain deployment.spec.strategy.type', out: /FIELD: +type <string>/ },
  { run: 'kubectl explain pod.spec.containers', out: /^ +imagePullPolicy\s+<string>/m },
  { run: 'kubectl explain configmap', out: /KIND: +ConfigMap\nVERSION: +v1/ },
  { run: 'kubectl explain service.spec --recursive', out: /clusterIP\s+<string>/ },
  { run: 'kubectl explain pod.nothing', code: 1, err: /field "nothing" does not exist/ },
  { run: 'kubectl get nonsense', code: 1, err: /error: the server doesn't have a resource type "nonsense"/ },
];

const objects: readonly Step[] = [
  { run: 'kubectl create namespace conf', out: 'namespace/conf created\n' },
  {
    run: 'kubectl create namespace conf',
    code: 1,
    err: /Error from server \(AlreadyExists\): namespaces "conf" already exists/,
  },
  { run: 'kubectl get namespace conf', out: /^NAME +STATUS +AGE\nconf +Active +\d+s\n$/ },
  { run: 'kubectl get pods', out: '', err: /No resources found in conf namespace\./ },
  { run: 'kubectl apply -f -', input: CONFIG, out: 'configmap/settings created\n' },
  { run: 'kubectl apply -f -', input: CONFIG, out: 'configmap/settings unchanged\n' },
  { run: 'kubectl apply -f -', input: CONFIG.replace('blue', 'red'), out: 'configmap/settings configured\n' },
  { run: 'kubectl diff -f -', input: CONFIG, code: 1, out: /^- {2}color: red\n\+ {2}color: blue$/m },
  { run: 'kubectl diff -f -', input: CONFIG.replace('blue', 'red'), out: '' },
  { run: 'kubectl get cm settings', out: /^NAME +DATA +AGE\nsettings +2 +\d+s\n$/ },
  { run: 'kubectl get cm settings -o name', out: 'configmap/settings\n' },
  {
    run: 'kubectl get cm settings -o yaml',
    out: /^apiVersion: v1\ndata:\n {2}color: red\n {2}size: "3"\nkind: ConfigMap\nmetadata:\n/,
  },
  { run: 'kubectl get cm settings -o json', out: /"namespace": "conf"/ },
  { run: "kubectl get cm settings -o jsonpath='{.data.color}-{.data.size}'", out: 'red-3' },
  {
    run: 'kubectl get cm settings -o custom-columns=NAME:.metadata.name,COLOR:.data.color',
    out: 'NAME       COLOR\nsettings   red\n',
  },
  { run: "kubectl get cm settings -o go-template='{{.data.color}}'", out: 'red' },
  { run: 'kubectl get cm -l app=shop -o name', out: 'configmap/settings\n' },
  { run: 'kubectl get cm -l app!=shop,app -o name', out: '' },
  { run: "kubectl get cm -l 'app in (shop,bank)' -o name", out: 'configmap/settings\n' },
  { run: 'kubectl get cm --field-selector=metadata.name=settings -o name', out: 'configmap/settings\n' },
  {
    run: 'kubectl get cm --field-selector=data.color=red',
    code: 1,
    err: /"data\.color" is not a known field selector: only "metadata\.name", "metadata\.namespace"/,
  },
  { run: 'kubectl get cm settings --show-labels', out: /LABELS\nsettings +2 +\d+s +app=shop\n$/ },
  { run: 'kubectl get cm -A --no-headers', out: /^conf +settings +2 +\d+s$/m },
  { run: 'kubectl get cm absent', code: 1, err: /^Error from server \(NotFound\): configmaps "absent" not found$/m },
  { run: 'kubectl get cm absent --ignore-not-found', out: '' },
  {
    run: 'kubectl describe cm settings',
    out: /^Name: +settings\nNamespace: +conf\nLabels: +app=shop\n[\s\S]*color:\n----\nred\n/,
  },
  { run: 'kubectl label cm settings tier=web', out: 'configmap/settings labeled\n' },
  { run: 'kubectl label cm settings tier=db', code: 1, err: /already has a value \(web\), and --overwrite is false/ },
  { run: 'kubectl label cm settings tier=db --overwrite', out: 'configmap/settings labeled\n' },
  { run: 'kubectl label cm settings tier-', out: 'configmap/settings unlabeled\n' },
  { run: 'kubectl label cm settings tier=a/b/c', code: 1, err: /a valid label must be an empty string or consist of/ },
  { run: 'kubectl annotate cm settings note=hello', out: 'configmap/settings annotated\n' },
  { run: 'kubectl get cm settings -o jsonpath={.metadata.annotations.note}', out: 'hello' },
  { run: 'kubectl annotate cm settings note-', out: /^configmap\/settings annotated?\n$/ },
  { run: `kubectl patch cm settings --type=merge -p '{"data":{"size":"4"}}'`, out: 'configmap/settings patched\n' },
  {
    run: `kubectl patch cm settings --type=merge -p '{"data":{"size":"4"}}'`,
    out: 'configmap/settings patched (no change)\n',
  },
  {
    run: `kubectl patch cm settings --type=json -p '[{"op":"test","path":"/data/size","value":"5"}]'`,
    code: 1,
    err: /The request is invalid: the server rejected our request due to an error in our request\n/,
  },
  {
    run: `kubectl patch cm settings --type=json -p '[{"op":"remove","path":"/data/size"}]'`,
    out: 'configmap/settings patched\n',
  },
  { run: "KUBE_EDITOR='sed -i s/red/green/' kubectl edit cm settings", out: 'configmap/settings edited\n' },
  { run: 'KUBE_EDITOR=true kubectl edit cm settings', out: '', err: /Edit cancelled, no changes made/ },
  { run: 'kubectl create configmap settings --from-literal=a=b', code: 1, err: /\(AlreadyExists\)|already exists/ },
  { run: 'kubectl create configmap dry --from-literal=a=b --dry-run=server -o name', out: 'configmap/dry\n' },
  { run: 'kubectl get cm dry', code: 1, err: /NotFound/ },
  { run: 'kubectl create secret generic login --from-literal=password=hunter2', out: 'secret/login created\n' },
  { run: 'kubectl get secret login', out: /^NAME +TYPE +DATA +AGE\nlogin +Opaque +1 +\d+s\n$/ },
  { run: 'kubectl get secret login -o jsonpath={.data.password}', out: 'aHVudGVyMg==' },
  { run: 'kubectl describe secret login', out: /^password: +7 bytes$/m },
  {
    run: 'kubectl get cm settings -o json | sed s/green/grey/ | kubectl replace -f -',
    out: 'configmap/settings replaced\n',
  },
  {
    run: `kubectl get cm settings -o json | sed 's/"resourceVersion": "[0-9]*"/"resourceVersion": "1"/; s/grey/black/' | kubectl replace -f -`,
    code: 1,
    err: /\(Conflict\).*the object has been modified; please apply your changes to the latest version and try again/,
  },
  {
    run: 'kubectl create -f -',
    input: CONFIG.replace('name: settings', 'generateName: gen-'),
    out: /^configmap\/gen-[a-z0-9]{5} created\n$/,
  },
  {
    run: 'kubectl create -f -',
    input: CONFIG.replace('name: settings', 'name: Bad_Name'),
    code: 1,
    err: /metadata\.name: Invalid value: "Bad_Name": a (lowercase RFC 1123|DNS-1123) subdomain must consist of/,
  },
  {
    run: 'kubectl create -f -',
    input: CONFIG.replace('name: settings', 'name: odd').replace('\ndata:', '\ncolour: red\ndata:'),
    code: 1,
    err: /unknown field "colour"/,
    since: 25,
  },
  { run: 'kubectl delete cm -l app=shop', out: /configmap "settings" deleted/ },
  { run: 'kubectl delete cm settings', code: 1, err: /NotFound/ },
  { run: 'kubectl delete cm settings --ignore-not-found', out: '' },
];

const applying: readonly Step[] = [
  {
    run: 'kubectl apply --server-side --field-manager=team -f -',
    input: CONFIG,
    out: 'configmap/settings serverside-applied\n',
  },
  {
    run: 'kubectl apply --server-side --field-manager=helm -f -',
    input: CONFIG.replace('blue', 'red'),
    code: 1,
    err: /Apply failed with 1 conflict: conflict with "team": \.data\.color/,
  },
  {
    run: 'kubectl apply --server-side --field-manager=helm --force-conflicts -f -',
    input: CONFIG.replace('blue', 'red'),
    out: 'configmap/settings serverside-applied\n',
  },
  {
    run: "kubectl get cm settings --show-managed-fields -o jsonpath='{.metadata.managedFields[*].manager}'",
    out: /^(helm team|team helm)$/,
  },
  {
    run: 'kubectl apply --server-side --dry-run=server --field-manager=helm -f -',
    input: CONFIG.replace('blue', 'pink'),
    out: 'configmap/settings serverside-applied (server dry run)\n',
  },
  { run: 'kubectl get cm settings -o jsonpath={.data.color}', out: 'red' },
];

const workloads: readonly Step[] = [
  { run: 'kubectl apply -f -', input: DEPLOYMENT, out: 'deployment.apps/shop created\n' },
  { run: 'kubectl rollout status deployment/shop --timeout=20s', out: /deployment "shop" successfully rolled out\n$/ },
  { run: 'kubectl get deployment shop', out: /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nshop +2\/2 +2 +2 +\d+s\n$/ },
  {
    run: 'kubectl get deployment shop -o wide',
    out: /CONTAINERS +IMAGES +SELECTOR\nshop +2\/2 +2 +2 +\d+s +web +nginx:1\.25 +app=shop\n$/,
  },
  {
    run: 'kubectl wait --for=condition=Available deployment/shop --timeout=10s',
    out: 'deployment.apps/shop condition met\n',
  },
  { run: 'kubectl get rs -l app=shop', out: /^NAME +DESIRED +CURRENT +READY +AGE\nshop-[a-z0-9]+ +2 +2 +2 +\d+s\n$/ },
  {
    run: 'kubectl get pods -l app=shop --no-headers',
    out: /^(shop-[a-z0-9]+-[a-z0-9]{5} +1\/1 +Running +0 +\d+s\n){2}$/,
  },
  { run: 'kubectl set image deployment/shop web=nginx:1.26', out: 'deployment.apps/shop image updated\n' },
  { run: 'kubectl annotate deployment/shop kubernetes.io/change-cause=newer', out: 'deployment.apps/shop annotated\n' },
  { run: 'kubectl rollout status deployment/shop --timeout=20s', out: /successfully rolled out\n$/ },
  {
    run: 'kubectl rollout history deployment/shop',
    out: /^deployment\.apps\/shop \nREVISION +CHANGE-CAUSE\n1 +<none>\n2 +newer\n/,
  },
  { run: 'kubectl rollout history deployment/shop --revision=1', out: /Image:\s+nginx:1\.25/ },
  { run: 'kubectl rollout undo deployment/shop', out: 'deployment.apps/shop rolled back\n' },
  { run: 'kubectl rollout status deployment/shop --timeout=20s', out: /successfully rolled out\n$/ },
  { run: "kubectl get deployment shop -o jsonpath='{.spec.template.spec.containers[0].image}'", out: 'nginx:1.25' },
  { run: 'kubectl rollout history deployment/shop', out: /\n2 +newer\n3 +<none>\n/ },
  { run: 'kubectl rollout pause deployment/shop', out: 'deployment.apps/shop paused\n' },
  { run: 'kubectl rollout resume deployment/shop', out: 'deployment.apps/shop resumed\n' },
  { run: 'kubectl rollout restart deployment/shop', out: 'deployment.apps/shop restarted\n' },
  { run: 'kubectl rollout status deployment/shop --timeout=20s', out: /successfully rolled out\n$/ },
  { run: 'kubectl scale deployment/shop --replicas=3', out: 'deployment.apps/shop scaled\n' },
  {
    run: 'kubectl scale deployment/shop --current-replicas=7 --replicas=1',
    code: 1,
    err: /Expected replicas to be 7, was 3/,
  },
  {
    run: 'kubectl wait --for=jsonpath={.status.readyReplicas}=3 deployment/shop --timeout=20s',
    out: 'deployment.apps/shop condition met\n',
  },
  {
    run: 'kubectl get --raw /apis/apps/v1/namespaces/conf/deployments/shop/scale',
    out: /"kind":"Scale".*"spec":\{"replicas":3\},"status":\{"replicas":3,"selector":"app=shop"\}/,
  },
  { run: 'kubectl set env deployment/shop MODE=fast', out: 'deployment.apps/shop env updated\n' },
  {
    run: 'kubectl describe deployment shop',
    out: /Replicas: +3 desired \| [\s\S]*MODE: +fast[\s\S]*ScalingReplicaSet/,
  },
  {
    run: `kubectl patch deployment shop -p '{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"busybox"}]}}}}'`,
    out: 'deployment.apps/shop patched\n',
  },
  { run: "kubectl get deployment shop -o jsonpath='{.spec.template.spec.containers[*].name}'", out: 'side web' },
  {
    run: `kubectl patch deployment shop -p '{"spec":{"selector":{"matchLabels":{"app":"x"}}}}'`,
    code: 1,
    err: /field is immutable/,
  },
  { run: 'kubectl expose deployment shop --port=80 --target-port=80', out: 'service/shop exposed\n' },
  {
    run: 'kubectl get service shop',
    out: /^NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE\nshop +ClusterIP +10\.[\d.]+ +<none> +80\/TCP +\d+s\n$/,
  },
  { run: 'kubectl describe service shop', out: /^Selector: +app=shop$/m },
  { run: 'kubectl get endpoints shop', out: /^shop +\d+\.\d+\.\d+\.\d+:80/m },
  {
    run: 'kubectl get endpointslices -l kubernetes.io/service-name=shop',
    out: /^shop-[a-z0-9]{5} +IPv4 +80 /m,
    since: 21,
  },
  { run: 'kubectl create job once --image=busybox -- true', out: 'job.batch/once created\n' },
  { run: 'kubectl wait --for=condition=Complete job/once --timeout=20s', out: 'job.batch/once condition met\n' },
  {
    run: 'kubectl get job once',
    out: /^NAME +STATUS +COMPLETIONS +DURATION +AGE\nonce +Complete +1\/1 +\d+s +\d+s\n$/,
    since: 30,
  },
  {
    run: 'kubectl create job bad --image=busybox --dry-run=client -o yaml -- true | sed "s/restartPolicy: Never/restartPolicy: Always/" | kubectl create -f -',
    code: 1,
    err: /spec\.template\.spec\.restartPolicy: (Required value: valid values:|Unsupported value: "Always": supported values:) "OnFailure", "Never"/,
  },
  {
    run: 'kubectl create cronjob nightly --image=busybox --schedule="0 3 * * *" -- true',
    out: 'cronjob.batch/nightly created\n',
    since: 21,
  },
  { run: 'kubectl get cronjob nightly', out: /^nightly +0 3 \* \* \* +<none> +False +0 +<none> +\d+s$/m, since: 27 },
  { run: 'kubectl create job manual --from=cronjob/nightly', out: 'job.batch/manual created\n', since: 21 },
  {
    run: 'kubectl autoscale deployment shop --min=1 --max=5 --cpu-percent=70',
    out: 'horizontalpodautoscaler.autoscaling/shop autoscaled\n',
  },
  { run: "kubectl get hpa shop -o jsonpath='{.spec.minReplicas} {.spec.maxReplicas}'", out: '1 5', since: 23 },
  {
    run: 'kubectl create pdb shop --selector=app=shop --min-available=1',
    out: 'poddisruptionbudget.policy/shop created\n',
    since: 21,
  },
  {
    run: 'kubectl create ingress shop --rule="shop.example.com/*=shop:80"',
    out: 'ingress.networking.k8s.io/shop created\n',
  },
  { run: 'kubectl get ingress shop', out: /^shop +<none> +shop\.example\.com +80 +\d+s$/m },
  { run: 'kubectl create quota few --hard=pods=20', out: 'resourcequota/few created\n' },
  {
    run: 'kubectl create priorityclass high --value=1000 --description="Goes first" --preemption-policy=Never',
    out: 'priorityclass.scheduling.k8s.io/high created\n',
    since: 24,
  },
  {
    run: 'kubectl get pc high',
    out: /^NAME +VALUE +GLOBAL-DEFAULT +AGE +PREEMPTIONPOLICY\nhigh +1000 +false +\d+s +Never\n$/,
    since: 32,
  },
  {
    run: 'kubectl create priorityclass low --value=5',
    out: 'priorityclass.scheduling.k8s.io/low created\n',
  },
  {
    run: 'kubectl get pc low system-node-critical -o jsonpath=\'{range .items[*]}{.metadata.name} {.value} {.preemptionPolicy} {.metadata.generation}{"\\n"}{end}\'',
    out: 'low 5 PreemptLowerPriority 1\nsystem-node-critical 2000001000 PreemptLowerPriority 1\n',
  },
  {
    run: 'kubectl create priorityclass greedy --value=1000000001',
    code: 1,
    err: /value: Forbidden: maximum allowed value of a user defined priority is 1000000000/,
  },
  {
    run: 'kubectl create priorityclass system-mine --value=5',
    code: 1,
    err: /metadata\.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only\. error: system-mine is not a known system priority class/,
  },
  {
    run: `kubectl patch pc low --type=merge -p '{"value": 6}'`,
    code: 1,
    err: /[vV]alue: Forbidden: may not be changed in an update\./,
  },
  {
    run: `kubectl run first --image=busybox --overrides='{"spec": {"priorityClassName": "low"}}'`,
    out: 'pod/first created\n',
  },
  {
    run: "kubectl get pod first -o jsonpath='{.spec.priority} {.spec.preemptionPolicy}'",
    out: '5 PreemptLowerPriority',
  },
  {
    run: `kubectl run lost --image=busybox --overrides='{"spec": {"priorityClassName": "nowhere"}}'`,
    code: 1,
    err: /pods "lost" is forbidden: no PriorityClass with name nowhere was found/,
  },
  { run: 'kubectl delete pod first --wait=false', out: /^pod "first" deleted/ },
  {
    run: 'kubectl patch pc low --type=merge -p \'{"globalDefault": true}\'',
    out: /^priorityclass.scheduling.k8s.io\/low patched/,
  },
  { run: "kubectl get pc low -o jsonpath='{.globalDefault} {.metadata.generation}'", out: 'true 1' },
  {
    run: 'kubectl create priorityclass other --value=7 --global-default=true',
    code: 1,
    err: /PriorityClass low is already marked as default\. Only one default can exist/,
  },
  {
    run: "kubectl run usual --image=busybox --dry-run=server -o jsonpath='{.spec.priorityClassName} {.spec.priority}'",
    out: 'low 5',
  },
  { run: 'kubectl delete pc low', out: 'priorityclass.scheduling.k8s.io "low" deleted\n' },
  { run: 'kubectl get all -o name', out: /deployment\.apps\/shop\n/ },
  { run: 'kubectl delete pods -l app=shop --wait=false', out: /^pod "shop-[a-z0-9]+-[a-z0-9]{5}" deleted/ },
  { run: 'kubectl delete deployment shop --cascade=foreground', out: /^deployment\.apps "shop" deleted/ },
  { run: 'kubectl get rs -l app=shop -o name', out: '' },
];

const pods: readonly Step[] = [
  {
    run: 'kubectl run talker --image=busybox --annotations="sandbox.petrel.dev/log=one\ntwo\nthree" --annotations=sandbox.petrel.dev/exec.hostname=talker --annotations=sandbox.petrel.dev/exec.false= --annotations=sandbox.petrel.dev/exec-exit-code.false=3',
    out: 'pod/talker created\n',
  },
  { run: 'kubectl wait --for=condition=Ready pod/talker --timeout=20s', out: 'pod/talker condition met\n' },
  {
    run: 'kubectl get pod talker -o wide',
    out: /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES\ntalker +1\/1 +Running +0 +\d+s +\d+\.\d+\.\d+\.\d+ +\S+ +<none> +<none>\n$/,
  },
  { run: 'kubectl get pods --field-selector=status.phase=Running -o name', out: /^pod\/talker$/m },
  { run: 'kubectl describe pod talker', out: /^Status: +Running$[\s\S]*^ {2}Ready +True $/m },
  { run: 'kubectl logs talker', out: 'one\ntwo\nthree\n', needs: 'kubelet' },
  { run: 'kubectl logs talker --tail=1', out: 'three\n', needs: 'kubelet' },
  {
    run: 'kubectl logs talker --previous',
    code: 1,
    err: /previous terminated container "talker" in pod "talker" not found/,
    needs: 'kubelet',
  },
  { run: 'kubectl logs talker -c nobody', code: 1, err: /container nobody is not valid for pod talker/ },
  { run: 'kubectl logs nobody', code: 1, err: /pods "nobody" not found/ },
  { run: 'kubectl exec talker -- hostname', out: 'talker\n', needs: 'kubelet' },
  { run: 'kubectl exec talker -- false', code: 3, err: /command terminated with exit code 3/, needs: 'kubelet' },
  { run: 'kubectl exec talker -- ls', code: 1, err: /nothing runs in pod "talker" of the sandbox/, needs: 'kubelet' },
  {
    run: `kubectl patch pod talker -p '{"spec":{"restartPolicy":"Never"}}'`,
    code: 1,
    err: /spec: Forbidden: pod updates may not change fields other than/,
  },
  { run: 'kubectl delete pod talker --wait=true', out: /^pod "talker" deleted/ },
  {
    run: 'kubectl run stuck --image=nosuch --annotations=sandbox.petrel.dev/waiting=ImagePullBackOff',
    out: 'pod/stuck created\n',
    needs: 'kubelet',
  },
  { run: 'kubectl get pod stuck --no-headers', out: /^stuck +0\/1 +ImagePullBackOff +0 +\d+s\n$/, needs: 'kubelet' },
  {
    run: 'kubectl logs stuck',
    code: 1,
    err: /container "stuck" in pod "stuck" is waiting to start: trying and failing to pull image/,
    needs: 'kubelet',
  },
  { run: 'kubectl delete pod stuck --now', out: /^pod "stuck" deleted/, needs: 'kubelet' },
];

const custom: readonly Step[] = [
  {
    run: 'kubectl apply -f -',
    input: WIDGETS,
    out: 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com created\n',
  },
  {
    run: 'kubectl wait --for=condition=Established crd/widgets.example.com --timeout=10s',
    out: 'customresourcedefinition.apiextensions.k8s.io/widgets.example.com condition met\n',
  },
  {
    run: 'kubectl get crd widgets.example.com',
    out: /^NAME +CREATED AT\nwidgets\.example\.com +\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/,
  },
  { run: 'kubectl apply -f -', input: widget('one', 'red'), out: 'widget.example.com/one created\n' },
  { run: 'kubectl get wd one', out: 'NAME   COLOR\none    red\n' },
  { run: 'kubectl get widgets.v1.example.com one -o jsonpath={.spec.replicas}', out: '1' },
  {
    run: 'kubectl apply -f -',
    input: widget('two', 'blue'),
    code: 1,
    err: /spec\.color: Unsupported value: "blue": supported values: "red", "green"/,
  },
  {
    run: 'kubectl apply -f -',
    input: widget('two', 'red', ', replicas: -1'),
    code: 1,
    err: /spec\.replicas in body should be greater than or equal to 0/,
  },
  {
    run: 'kubectl apply --validate=false -f -',
    input: widget('two', 'red', ', colour: x'),
    out: 'widget.example.com/two created\n',
  },
  { run: 'kubectl get wd two -o jsonpath={.spec}', out: '{"color":"red","replicas":1}' },
  {
    run: `kubectl patch wd one -p '{"spec":{"color":"green"}}'`,
    code: 1,
    err: /application\/strategic-merge-patch\+json is not supported|unknown format|UnsupportedMediaType/i,
  },
  { run: `kubectl patch wd one --type=merge -p '{"spec":{"color":"green"}}'`, out: 'widget.example.com/one patched\n' },
  {
    run: `kubectl patch wd one --subresource=status --type=merge -p '{"status":{"phase":"Fine"}}'`,
    out: 'widget.example.com/one patched\n',
    since: 24,
  },
  { run: 'kubectl scale wd one --replicas=4', out: 'widget.example.com/one scaled\n' },
  { run: "kubectl get wd one -o jsonpath='{.spec.replicas} {.metadata.generation}'", out: '4 3' },
  { run: 'kubectl explain widget.spec.color', out: /What it looks like\./, late: true },
  { run: 'kubectl get wd -w --request-timeout=1s -o name | head -1', out: 'widget.example.com/one\n' },
  {
    run: `kubectl patch wd two --type=merge -p '{"metadata":{"finalizers":["example.com/hold"]}}'`,
    out: 'widget.example.com/two patched\n',
  },
  { run: 'kubectl delete wd two --wait=false', out: /^widget\.example\.com "two" deleted/ },
  { run: "kubectl get wd two -o jsonpath='{.metadata.finalizers}'", out: '["example.com/hold"]' },
  {
    run: `kubectl patch wd two --type=merge -p '{"metadata":{"finalizers":null}}'`,
    out: 'widget.example.com/two patched\n',
  },
  { run: 'kubectl get wd two', code: 1, err: /widgets\.example\.com "two" not found/ },
  { run: 'kubectl delete crd widgets.example.com --timeout=20s', out: /deleted/ },
  {
    run: 'kubectl get wd',
    code: 1,
    err: /the server doesn't have a resource type "wd"|could not find the requested resource/,
  },
];

const access: readonly Step[] = [
  { run: 'kubectl auth can-i create deployments', out: 'yes\n' },
  { run: 'kubectl auth can-i --list', out: /^\*\.\* +\[\] +\[\] +\[\*\]$/m },
  { run: 'kubectl create serviceaccount robot', out: 'serviceaccount/robot created\n' },
  {
    run: 'kubectl create role reader --verb=get,list --resource=pods,pods/log',
    out: 'role.rbac.authorization.k8s.io/reader created\n',
  },
  {
    run: 'kubectl create rolebinding robot-reads --role=reader --serviceaccount=conf:robot',
    out: 'rolebinding.rbac.authorization.k8s.io/robot-reads created\n',
  },
  { run: 'kubectl get rolebinding robot-reads -o wide', out: /^robot-reads +Role\/reader +\d+s +conf\/robot$/m },
  { run: 'kubectl auth can-i list pods --as=system:serviceaccount:conf:robot', out: 'yes\n' },
  { run: 'kubectl auth can-i delete pods --as=system:serviceaccount:conf:robot', out: 'no\n', code: 1 },
  { run: 'kubectl get pods -o name --as=system:serviceaccount:conf:robot', out: /^pod\/once-[a-z0-9]{5}$/m },
  {
    run: 'kubectl get secrets --as=system:serviceaccount:conf:robot',
    code: 1,
    err: /Error from server \(Forbidden\): secrets is forbidden: User "system:serviceaccount:conf:robot" cannot list resource "secrets" in API group "" in the namespace "conf"/,
  },
  {
    run: 'kubectl get cm settings --as=nobody',
    code: 1,
    err: /configmaps "settings" is forbidden: User "nobody" cannot get resource "configmaps" in API group "" in the namespace "conf"/,
  },
  { run: 'kubectl describe role reader', out: /pods\/log +\[\] +\[\] +\[get list\]/ },
  {
    run: 'kubectl create clusterrolebinding robot-views --clusterrole=view --serviceaccount=conf:robot',
    out: 'clusterrolebinding.rbac.authorization.k8s.io/robot-views created\n',
  },
  { run: 'kubectl auth can-i list configmaps -A --as=system:serviceaccount:conf:robot', out: 'yes\n' },
  { run: 'kubectl auth can-i get secrets --as=system:serviceaccount:conf:robot', out: 'no\n', code: 1 },
  { run: 'kubectl delete clusterrolebinding robot-views', out: /deleted/ },
  { run: 'kubectl create token robot', out: /^ey[\w-]+\.[\w-]+\.[\w-]+\n?$/, since: 24 },
  { run: 'kubectl auth whoami -o jsonpath={.status.userInfo.username}', out: /admin/, since: 28 },
];

const leaving: readonly Step[] = [
  { run: 'kubectl get events --field-selector=reason=SuccessfulCreate -o name', out: /^event\// },
  { run: 'kubectl cluster-info', out: /is running at/ },
  { run: 'kubectl delete namespace conf --timeout=30s', out: /^namespace "conf" deleted/ },
  { run: 'kubectl get namespace conf', code: 1, err: /namespaces "conf" not found/ },
];

export const steps: readonly Step[] = [
  ...discovery,
  ...objects,
  ...applying,
  ...workloads,
  ...pods,
  ...custom,
  ...access,
  ...leaving,
];
