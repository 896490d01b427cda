package e2e

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ambassador-operator/ambassador-operator/api/v1alpha1"
)

// ambassadorLabel is on every Pod of an Ambassador, with its name.
const ambassadorLabel = "ambassador-operator.io/ambassador"

// tryKubectl runs kubectl and returns everything it printed.
func tryKubectl(ctx context.Context, args ...string) (string, error) {
	output, err := exec.CommandContext(ctx, "kubectl", args...).CombinedOutput()
	if err != nil {
		return string(output), fmt.Errorf("kubectl %s: %w: %s", strings.Join(args, " "), err, output)
	}
	return string(output), nil
}

func kubectl(ctx context.Context, args ...string) string {
	GinkgoHelper()
	output, err := tryKubectl(ctx, args...)
	Expect(err).NotTo(HaveOccurred())
	return output
}

// pods are the Pods of an Ambassador that are not about to go.
func pods(ctx context.Context, namespace, ambassador string) ([]corev1.Pod, error) {
	var list corev1.PodList
	if err := k8s.List(ctx, &list, client.InNamespace(namespace), client.MatchingLabels{ambassadorLabel: ambassador}); err != nil {
		return nil, err
	}
	var stay []corev1.Pod
	for _, pod := range list.Items {
		if pod.DeletionTimestamp == nil {
			stay = append(stay, pod)
		}
	}
	return stay, nil
}

// incarnations tell whether any Pod or container was started anew: the Pods'
// uids with how often each container was restarted.
func incarnations(ctx context.Context, namespace, ambassador string) ([]string, error) {
	found, err := pods(ctx, namespace, ambassador)
	var all []string
	for _, pod := range found {
		for _, status := range append(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses...) {
			all = append(all, fmt.Sprintf("%s %s %d", pod.UID, status.Name, status.RestartCount))
		}
	}
	return all, err
}

// inMain runs a command in the main container of an Ambassador's first Pod.
func inMain(ctx context.Context, namespace, ambassador string, command ...string) (string, error) {
	found, err := pods(ctx, namespace, ambassador)
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", fmt.Errorf("the Ambassador %s has no Pod", ambassador)
	}
	return tryKubectl(ctx, append([]string{"exec", "--namespace=" + namespace, found[0].Name, "--container=main", "--"}, command...)...)
}

// An answer is what the main container got for a call.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// call has the main container ask a URL with curl.
func call(ctx context.Context, namespace, ambassador, url string) (answer, error) {
	output, err := inMain(ctx, namespace, ambassador, "curl", "--silent", "--show-error", "--include", "--max-time", "20", url)
	if err != nil {
		return answer{}, err
	}
	// curl has undone the framing that the head still announces, so only the head
	// is read as HTTP: as the answer to a HEAD, which has no body.
	head, body, _ := strings.Cut(output, "\r\n\r\n")
	response, err := http.ReadResponse(bufio.NewReader(strings.NewReader(head+"\r\n\r\n")), &http.Request{Method: http.MethodHead})
	if err != nil {
		return answer{}, fmt.Errorf("%w in %q", err, output)
	}
	return answer{Status: response.StatusCode, Header: response.Header, Body: body}, response.Body.Close()
}

// statusOf is the status of a call to localhost, for Eventually.
func statusOf(ctx context.Context, namespace, ambassador, path string) func() (int, error) {
	return func() (int, error) {
		got, err := call(ctx, namespace, ambassador, "http://localhost:8080"+path)
		return got.Status, err
	}
}

// condition is a condition of an Ambassador for its newest generation, for Eventually.
func condition(ctx context.Context, a *v1alpha1.Ambassador, kind string) func() (metav1.Condition, error) {
	return func() (metav1.Condition, error) {
		var now v1alpha1.Ambassador
		if err := k8s.Get(ctx, client.ObjectKeyFromObject(a), &now); err != nil {
			return metav1.Condition{}, err
		}
		found := meta.FindStatusCondition(now.Status.Conditions, kind)
		if found == nil || found.ObservedGeneration != now.Generation {
			return metav1.Condition{}, nil
		}
		return *found, nil
	}
}

// say is a condition of a status and reason, whose message holds the words.
func say(status metav1.ConditionStatus, reason string, words ...string) types.GomegaMatcher {
	all := []types.GomegaMatcher{HaveField("Status", status), HaveField("Reason", reason)}
	for _, word := range words {
		all = append(all, HaveField("Message", ContainSubstring(word)))
	}
	return And(all...)
}

func beReady(ctx context.Context, a *v1alpha1.Ambassador) {
	GinkgoHelper()
	Eventually(condition(ctx, a, v1alpha1.ConditionReady)).Should(HaveField("Status", metav1.ConditionTrue))
}
