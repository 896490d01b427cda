package reconciler_test

import (
	"context"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"github.com/ambassador-operator/ambassador-operator/controllers"
	"github.com/ambassador-operator/ambassador-operator/controllers/build"
	"github.com/ambassador-operator/ambassador-operator/controllers/manager"
)

// options are what every operator of this suite builds with.
var options = build.Options{SidecarImage: "ghcr.io/ambassador-operator/ambassador:test"}

// operator is one running operator.
type operator struct {
	// writes is what it sent, in order, such as "apply ConfigMap" or "status Ambassador".
	writes *journal
	stop   func()
}

// operatorOptions adjust an operator for a spec. The zero value is an ordinary one.
type operatorOptions struct {
	// fault is asked before each write; an error is returned in its place.
	fault func(write string) error
	// sidecars answers for the sidecars; none lack anything by default.
	sidecars controllers.Sidecars
	// resync is an hour by default.
	resync time.Duration
	// image replaces the sidecar's default image.
	image string
}

// startOperator runs an operator for one namespace until the spec ends or stop is called.
func startOperator(namespace string, o operatorOptions) *operator {
	GinkgoHelper()
	if o.sidecars == nil {
		o.sidecars = &sidecars{}
	}
	if o.resync == 0 {
		o.resync = time.Hour
	}
	buildOptions := options
	if o.image != "" {
		buildOptions.SidecarImage = o.image
	}
	made, err := manager.New(server, &manager.Options{Namespaces: []string{namespace}, MetricsAddress: "0", HealthAddress: "0", Resync: o.resync})
	Expect(err).NotTo(HaveOccurred())
	writes := &journal{}
	reconciler := &controllers.Reconciler{
		Client:   &recordingClient{Client: made.GetClient(), journal: writes, fault: o.fault},
		Live:     made.GetAPIReader(),
		Recorder: made.GetEventRecorder(build.FieldOwner),
		Sidecars: o.sidecars,
		Build:    buildOptions,
	}
	ctx, cancel := context.WithCancel(context.Background())
	Expect(reconciler.Setup(ctx, made, controller.Options{SkipNameValidation: new(true)})).To(Succeed())
	done := make(chan error, 1)
	go func() { done <- made.Start(ctx) }()
	stop := sync.OnceFunc(func() {
		cancel()
		Eventually(done).WithTimeout(time.Minute).Should(Receive(Succeed()))
	})
	DeferCleanup(stop)
	return &operator{writes: writes, stop: stop}
}

// journal collects writes.
type journal struct {
	mu   sync.Mutex
	list []string
}

func (j *journal) add(write string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.list = append(j.list, write)
}

// All returns the writes so far.
func (j *journal) All() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]string(nil), j.list...)
}

// recordingClient keeps a journal of the writes that go through it, and makes faults.
type recordingClient struct {
	client.Client
	journal *journal
	fault   func(write string) error
}

func (c *recordingClient) note(write string) error {
	if c.fault != nil {
		if err := c.fault(write); err != nil {
			return err
		}
	}
	c.journal.add(write)
	return nil
}

func (c *recordingClient) Apply(ctx context.Context, object runtime.ApplyConfiguration, o ...client.ApplyOption) error {
	name := "apply "
	if settings := (&client.ApplyOptions{}).ApplyOptions(o); len(settings.DryRun) > 0 {
		name = "rehearse "
	}
	if err := c.note(name + *object.(interface{ GetKind() *string }).GetKind()); err != nil {
		return err
	}
	return c.Client.Apply(ctx, object, o...)
}

func (c *recordingClient) Delete(ctx context.Context, object client.Object, o ...client.DeleteOption) error {
	kind, err := c.GroupVersionKindFor(object)
	if err != nil {
		return err
	}
	if err := c.note("delete " + kind.Kind); err != nil {
		return err
	}
	return c.Client.Delete(ctx, object, o...)
}

func (c *recordingClient) Status() client.SubResourceWriter {
	return &recordingStatus{SubResourceWriter: c.Client.Status(), client: c}
}

type recordingStatus struct {
	client.SubResourceWriter
	client *recordingClient
}

func (s *recordingStatus) Update(ctx context.Context, object client.Object, o ...client.SubResourceUpdateOption) error {
	if err := s.client.note("status"); err != nil {
		return err
	}
	return s.SubResourceWriter.Update(ctx, object, o...)
}

// sidecars answers for every sidecar alike.
type sidecars struct {
	mu    sync.Mutex
	lacks []controllers.Lack
	err   error
}

func (s *sidecars) Lacks(context.Context, string) ([]controllers.Lack, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lacks, s.err
}

func (s *sidecars) answer(err error, lacks ...controllers.Lack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lacks, s.err = lacks, err
}
