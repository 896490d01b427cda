package v1alpha1

// The types of status.conditions. Ready, Reconciling and Stalled mean what kstatus has them mean: Reconciling and
// Stalled are present only while True, and never both.
const (
	// ConditionReady is True when the workload has the replicas it should have and every sidecar holds every credential. For
	// an Ambassador without a workload it is True when a ready Pod of another one serves it. It is False from the first
	// observation.
	ConditionReady = "Ready"
	// ConditionReconciling is True while the operator or the cluster is at work on the newest generation.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when nothing will change before a person acts; the message says what to do.
	ConditionStalled = "Stalled"
	// ConditionAccepted is True when the spec makes sense against the cluster.
	ConditionAccepted = "Accepted"
	// ConditionCredentialsReady is True when every sidecar holds every credential, False when one is known to lack one, which the
	// message names, and Unknown while no sidecar can tell.
	ConditionCredentialsReady = "CredentialsReady"
	// ConditionIsolated is True when nothing in the Pod's spec lets another container reach a credential, of whichever
	// Ambassador that the Pod's sidecar serves. It is Unknown where an Ambassador has no Pod of its own or another's.
	ConditionIsolated = "Isolated"
)

// Reasons of Accepted.
const (
	// ReasonAccepted (True): the spec was applied.
	ReasonAccepted = "Accepted"
	// ReasonInvalidSpec (False): the spec breaks a rule that the API server did not check; the message names the field.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonInvalidMapping (False): a jq program of a route does not compile, or an example does not come out as it says; the
	// message names the field.
	ReasonInvalidMapping = "InvalidMapping"
	// ReasonAmbassadorNotFound (False): the template takes in an Ambassador that does not exist; the message names it. It
	// heals when that one is created.
	ReasonAmbassadorNotFound = "AmbassadorNotFound"
	// ReasonAmbassadorNotAccepted (False): an Ambassador that the template takes in is not sound itself; the message names it
	// and says why. The Pods that run keep what they have.
	ReasonAmbassadorNotAccepted = "AmbassadorNotAccepted"
	// ReasonRouteConflict (False): Ambassadors of one Pod have routes on one port that fit a request equally well; the message
	// names both.
	ReasonRouteConflict = "RouteConflict"
	// ReasonInvalidTemplate (False): the API server refuses the Pod template; the message holds its words.
	ReasonInvalidTemplate = "InvalidTemplate"
	// ReasonContainerNameTaken (False): a container of the template has the sidecar's name.
	ReasonContainerNameTaken = "ContainerNameTaken"
	// ReasonPortTaken (False): a container of the template uses a port of the sidecar: its own, the Ambassador's, or that of an
	// Ambassador that is taken in.
	ReasonPortTaken = "PortTaken"
	// ReasonHostNetwork (False): the template asks for the node's network, on which the sidecar would be open to other Pods.
	ReasonHostNetwork = "HostNetwork"
	// ReasonOwnershipConflict (False): an object of a name that is needed exists and is not this Ambassador's. It stays untouched.
	ReasonOwnershipConflict = "OwnershipConflict"
	// ReasonQuotaExceeded (False): a quota of the namespace leaves no room.
	ReasonQuotaExceeded = "QuotaExceeded"
	// ReasonAdmissionDenied (False): admission, such as Pod Security, refuses a child object; the message holds its words.
	ReasonAdmissionDenied = "AdmissionDenied"
	// ReasonApplyFailed (Unknown): the API server could not be asked; the operator tries again.
	ReasonApplyFailed = "ApplyFailed"
)

// Reasons of Ready, and of Reconciling and Stalled while they are True. Where another condition is the cause, its reason
// is used.
const (
	// ReasonReady (True): everything is as asked for.
	ReasonReady = "Ready"
	// ReasonProgressing (False): Pods start, roll or stop.
	ReasonProgressing = "Progressing"
	// ReasonProgressDeadlineExceeded (False, Stalled): the Deployment did not get on in its progressDeadlineSeconds.
	ReasonProgressDeadlineExceeded = "ProgressDeadlineExceeded"
	// ReasonPodFailed (False, Stalled): a Pod workload ended with a failure.
	ReasonPodFailed = "PodFailed"
	// ReasonCompleted (True): a Pod workload ran to its end.
	ReasonCompleted = "Completed"
	// ReasonServed (True): the Ambassador has no workload, and at least one ready Pod of another one serves it.
	ReasonServed = "Served"
	// ReasonNotServed (False, or Unknown while there is no Pod): the Ambassador has no workload, and no ready Pod serves it;
	// the message says how to have it served.
	ReasonNotServed = "NotServed"
)

// Reasons of CredentialsReady.
const (
	// ReasonCredentialsHeld (True): every sidecar holds every credential.
	ReasonCredentialsHeld = "CredentialsHeld"
	// ReasonStaleCredential (True): a Secret has a new value that can not be used, and the last good one stays in use; the
	// message names the key. It is noticed within a few minutes.
	ReasonStaleCredential = "StaleCredential"
	// ReasonNoCredentials (True): the Ambassador asks for none.
	ReasonNoCredentials = "NoCredentials"
	// ReasonCredentialMissing (False): a Secret or key does not exist; the message names it.
	ReasonCredentialMissing = "CredentialMissing"
	// ReasonCredentialInvalid (False): a key's value can not be used, such as an empty one; the message names it.
	ReasonCredentialInvalid = "CredentialInvalid"
	// ReasonUpstreamNotAllowed (False): the Secret's key allowed-upstreams does not list the upstream.
	ReasonUpstreamNotAllowed = "UpstreamNotAllowed"
	// ReasonSidecarStarting (Unknown): no sidecar has come up yet.
	ReasonSidecarStarting = "SidecarStarting"
	// ReasonSidecarUnreachable (False): a sidecar is not ready, and the operator could not ask it why.
	ReasonSidecarUnreachable = "SidecarUnreachable"
	// ReasonNoPods (Unknown): there is no Pod, such as with replicas 0.
	ReasonNoPods = "NoPods"
)

// Reasons of Isolated.
const (
	// ReasonIsolated (True): nothing in the Pod's spec lets another container reach a credential.
	ReasonIsolated = "Isolated"
	// ReasonSecretMounted (False): another container mounts the same Secret.
	ReasonSecretMounted = "SecretMounted"
	// ReasonSecretInEnvironment (False): another container has the same Secret in its environment.
	ReasonSecretInEnvironment = "SecretInEnvironment"
	// ReasonSharedProcessNamespace (False): shareProcessNamespace lets another container look into the sidecar.
	ReasonSharedProcessNamespace = "SharedProcessNamespace"
	// ReasonHostNamespace (False): the Pod uses the node's process or IPC namespace, or a hostPath.
	ReasonHostNamespace = "HostNamespace"
	// ReasonPrivileged (False): another container is privileged or may trace processes.
	ReasonPrivileged = "Privileged"
	// ReasonSameUser (False): another container runs under the sidecar's user id where it can reach its processes.
	ReasonSameUser = "SameUser"
)

// EventPodReplaced is the reason of the Event that tells that a Pod workload is replaced by one of the new template.
const EventPodReplaced = "PodReplaced"
