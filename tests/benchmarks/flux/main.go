// Applies a file of manifests with fluxcd/pkg/ssa, as a yardstick for module manifests.
//
//	flux KUBECONFIG CONTEXT FILE apply-all|apply-each|diff AT_ONCE
//
// apply-all is what kustomize-controller calls: it looks at AT_ONCE objects at a time and writes one after the other.
// apply-each and diff handle AT_ONCE objects at a time. It prints the seconds from reading the manifests to the last
// answer.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	"github.com/fluxcd/pkg/ssa/utils"
	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func main() {
	manager, atOnce, err := prepare(os.Args[1], os.Args[2], os.Args[5])
	started := time.Now()
	if err == nil {
		err = run(manager, atOnce, os.Args[3], os.Args[4])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(time.Since(started).Seconds())
}

func prepare(kubeconfig, contextName, number string) (*ssa.ResourceManager, int, error) {
	atOnce, err := strconv.Atoi(number)
	if err != nil {
		return nil, 0, err
	}
	manager, err := connect(kubeconfig, contextName, atOnce)
	return manager, atOnce, err
}

func run(manager *ssa.ResourceManager, atOnce int, file, verb string) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer opened.Close()
	objects, err := utils.ReadObjects(opened)
	if err != nil {
		return err
	}
	ctx := context.Background()
	switch verb {
	case "apply-all":
		_, err = manager.ApplyAllStaged(ctx, objects, ssa.DefaultApplyOptions())
		return err
	case "apply-each":
		return each(objects, atOnce, func(object *unstructured.Unstructured) error {
			_, err := manager.Apply(ctx, object, ssa.DefaultApplyOptions())
			return err
		})
	case "diff":
		return each(objects, atOnce, func(object *unstructured.Unstructured) error {
			_, _, _, err := manager.Diff(ctx, object, ssa.DefaultDiffOptions())
			return err
		})
	}
	return fmt.Errorf("no verb %s", verb)
}

func each(objects []*unstructured.Unstructured, atOnce int, do func(*unstructured.Unstructured) error) error {
	var group errgroup.Group
	group.SetLimit(atOnce)
	for _, object := range objects {
		group.Go(func() error { return do(object) })
	}
	return group.Wait()
}

func connect(kubeconfig, contextName string, atOnce int) (*ssa.ResourceManager, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: kubeconfig}
	overrides := &clientcmd.ConfigOverrides{CurrentContext: contextName}
	config, err := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, overrides).ClientConfig()
	if err != nil {
		return nil, err
	}
	config.QPS = -1 // as Flux's controllers do where the API server has priority and fairness: no limit of the client
	kubernetes, err := client.New(config, client.Options{})
	if err != nil {
		return nil, err
	}
	poller := polling.NewStatusPoller(kubernetes, kubernetes.RESTMapper(), polling.Options{})
	manager := ssa.NewResourceManager(kubernetes, poller, ssa.Owner{Field: "flux", Group: "benchmark"})
	manager.SetConcurrency(atOnce)
	return manager, nil
}
